// SPDX-License-Identifier: GPL-2.0-only
// Workers: when one begins an item, and when another one may.
#include "machine/work_pool.h"

#include <fmt/format.h>
#include "machine/interrupts.h"

namespace ring3::machine {

Worker* WorkEngine::running_locked(const WorkWord* word, std::optional<uint64_t> identity) {
  for (auto& pool : pools_)
    for (auto& worker : pool->workers)
      if (!worker->current.empty() && worker->current.front().word == word &&
          (!identity || worker->current.front().identity == *identity))
        return worker.get();
  return nullptr;
}

// Wakes an idle worker if an item may begin, the one that fell idle last. Its name leaves the list
// when it runs, so that a second call wakes the same one.
WorkEngine::Kick WorkEngine::kick_locked(WorkPool& pool) {
  if (!pool.may_begin()) return {};
  if (pool.bh) return {&pool};
  if (!pool.idle.empty()) {
    machine_.scheduler().wake(pool.idle.back()->task);
    return {};
  }
  if (pool.starting) return {};
  pool.starting = true;
  return {&pool};
}

void WorkEngine::carry_out(Kick kick) {
  if (!kick.pool) return;
  WorkPool& pool = *kick.pool;
  if (pool.bh) return hooks_.raise_bh(pool.cpu, pool.high);
  auto owned = std::make_unique<Worker>();
  Worker* worker = owned.get();
  worker->engine = this;
  worker->pool = &pool;
  unsigned number;
  {
    SpinGuard guard(lock_);
    number = pool.started++;
    pool.workers.push_back(std::move(owned));
  }
  std::string name = pool.unbound()
                         ? fmt::format("kworker/u{}:{}", pool.id, number)
                         : fmt::format("kworker/{}:{}{}", pool.cpu, number, pool.high ? "H" : "");
  hooks_.start(name, pool.unbound() ? ~0ull : 1ull << pool.cpu,
               [this, worker] { run_worker(*worker); });
}

void WorkEngine::run_worker(Worker& worker) {
  WorkPool& pool = *worker.pool;
  Task* self = worker.task = Scheduler::current();
  self->worker = &worker;
  self->falls_asleep = worker_falls_asleep;
  self->woke = worker_woke;
  self->ends = worker_ends;
  lock_.lock();
  pool.starting = false;
  while (true) {
    std::erase(pool.idle, &worker);
    if (pool.may_begin()) {
      worker.counted = !pool.unbound();
      pool.running += worker.counted;
      // Goes on as long as it is the only one that runs.
      while (begin_one(worker, pool.items) && pool.running <= worker.counted) {
      }
      pool.running -= worker.counted;
      worker.counted = false;
    }
    pool.idle.push_back(&worker);
    self->state->store(kIdleSleep);
    lock_.unlock();
    machine_.scheduler().schedule();
    lock_.lock();
  }
}

// Runs the first item of a list. The lock is held before and after. False: there is none.
bool WorkEngine::begin_one(Worker& worker, WorkList& from) {
  if (from.empty()) return false;
  auto item = from.begin();
  WorkPool& pool = *worker.pool;
  for (auto& other : pool.workers) {
    if (other.get() == &worker || other->current.empty()) continue;
    WorkItem& running = other->current.front();
    if (running.word != item->word || running.identity != item->identity) continue;
    move(from, item, other->scheduled);
    return true;
  }
  // An item that was freed while pending is met here, where a fault harms only this worker.
  uint64_t number = worker.touched = item->number;
  WorkWord* word = item->word;
  lock_.unlock();
  uint64_t identity = hooks_.identity(word);
  lock_.lock();
  worker.touched = 0;
  if (from.empty() || from.front().number != number) return true;  // taken back meanwhile

  item = from.begin();
  item->identity = identity;
  move(from, item, worker.current);
  pending_.erase(word);
  word->fetch_and(~kWorkPending);
  bool counted = worker.counted;
  if (item->queue->options.cpu_intensive && counted) {
    worker.counted = false;
    pool.running--;
  }
  Kick kick = kick_locked(pool);
  lock_.unlock();
  carry_out(kick);
  hooks_.run(word, identity);
  lock_.lock();
  if (counted && !worker.counted) {
    worker.counted = true;
    pool.running++;
  }
  finish_locked(worker);
  while (begin_one(worker, worker.scheduled)) {
  }
  if (!worker.task || !machine_.scheduler().others_waiting()) return true;
  lock_.unlock();
  if (Cpu::current()->preempt_count() == kNoReschedule || Cpu::current()->preempt_count() == 0)
    machine_.scheduler().preempt();
  lock_.lock();
  return true;
}

void WorkEngine::finish_locked(Worker& worker) {
  WorkItem item = worker.current.front();
  worker.current.clear();
  forget_locked(*item.queue, item.number, item.place, true);
}

// An item that cannot even be looked at.
void WorkEngine::drop_locked(WorkList& list, uint64_t number) {
  for (auto item = list.begin(); item != list.end(); ++item) {
    if (item->number != number) continue;
    WorkItem dropped = *item;
    list.erase(item);
    pending_.erase(dropped.word);
    return forget_locked(*dropped.queue, dropped.number, dropped.place, true);
  }
}

void WorkEngine::run_bh(unsigned cpu, bool high) {
  lock_.lock();
  for (auto& pool : pools_) {
    if (!pool->bh || pool->cpu != cpu || pool->high != high) continue;
    Worker& worker = *pool->workers[0];
    // What is queued from here on is for the next softirq.
    uint64_t last = next_number_;
    while (!pool->items.empty() && pool->items.front().number < last)
      begin_one(worker, pool->items);
    Kick again = kick_locked(*pool);
    lock_.unlock();
    carry_out(again);
    return;
  }
  lock_.unlock();
}

// Another worker may begin while this one sleeps.
void WorkEngine::worker_falls_asleep(Task& task) {
  auto& worker = *static_cast<Worker*>(task.worker);
  WorkEngine& engine = *worker.engine;
  Kick kick;
  {
    SpinGuard guard(engine.lock_);
    if (!worker.counted) return;
    worker.counted = false;
    worker.asleep = true;
    worker.pool->running--;
    kick = engine.kick_locked(*worker.pool);
  }
  engine.carry_out(kick);
}

void WorkEngine::worker_woke(Task& task) {
  auto& worker = *static_cast<Worker*>(task.worker);
  SpinGuard guard(worker.engine->lock_);
  if (!worker.asleep) return;
  worker.asleep = false;
  worker.counted = true;
  worker.pool->running++;
}

// A worker dies in an oops. Its item counts as done (Linux's never is, and whoever waits for it
// waits for ever); what was scheduled behind it goes to others.
void WorkEngine::worker_ends(Task& task) {
  auto& worker = *static_cast<Worker*>(task.worker);
  WorkEngine& engine = *worker.engine;
  Kick kick;
  {
    SpinGuard guard(engine.lock_);
    WorkPool& pool = *worker.pool;
    pool.running -= worker.counted;
    worker.counted = worker.asleep = false;
    engine.drop_locked(pool.items, worker.touched);
    engine.drop_locked(worker.scheduled, worker.touched);
    if (!worker.current.empty()) engine.finish_locked(worker);
    while (!worker.scheduled.empty())
      engine.move(worker.scheduled, worker.scheduled.begin(), pool.items);
    kick = engine.kick_locked(pool);
  }
  engine.carry_out(kick);
}

Worker* WorkEngine::current_worker() {
  auto* worker = static_cast<Worker*>(Scheduler::current()->worker);
  return worker && !worker->current.empty() ? worker : nullptr;
}

WorkQueue* WorkEngine::current_queue() {
  Worker* worker = current_worker();
  return worker ? worker->current.front().queue : nullptr;
}
WorkWord* WorkEngine::current_word() {
  Worker* worker = current_worker();
  return worker ? worker->current.front().word : nullptr;
}
uint64_t WorkEngine::current_identity() {
  Worker* worker = current_worker();
  return worker ? worker->current.front().identity : 0;
}

}  // namespace ring3::machine
