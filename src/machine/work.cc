// SPDX-License-Identifier: GPL-2.0-only
// Queues: queueing, taking back, waiting. The workers are in work_pool.cc.
#include "machine/work.h"

#include <algorithm>

#include "base/check.h"
#include "machine/work_pool.h"

namespace ring3::machine {

WorkEngine::WorkEngine(Machine& machine, WorkHooks hooks, unsigned first_unbound_id)
    : machine_(machine), hooks_(std::move(hooks)), next_unbound_id_(first_unbound_id) {}

WorkEngine::~WorkEngine() = default;

WorkPool* WorkEngine::pool_for(const WorkQueueOptions& options, unsigned cpu) {
  if (options.unbound) cpu = kAnyCpu;
  for (auto& pool : pools_)
    if (pool->cpu == cpu && pool->high == options.high && pool->bh == options.bh) return pool.get();
  auto pool = std::make_unique<WorkPool>();
  pool->cpu = cpu;
  pool->high = options.high;
  pool->bh = options.bh;
  if (pool->unbound()) pool->id = next_unbound_id_++;
  if (pool->bh) {
    pool->workers.push_back(std::make_unique<Worker>());
    pool->workers[0]->engine = this;
    pool->workers[0]->pool = pool.get();
  }
  return pools_.emplace_back(std::move(pool)).get();
}

WorkQueue* WorkEngine::create(WorkQueueOptions options) {
  SpinGuard guard(lock_);
  auto* queue = new WorkQueue(std::move(options));
  queues_.emplace_back(queue);
  queue->max_active_ = queue->options.max_active;
  unsigned places = queue->options.unbound ? 1 : machine_.cpu_count();
  queue->places_.resize(places);
  for (unsigned cpu = 0; cpu < places; cpu++)
    queue->places_[cpu].pool = pool_for(queue->options, cpu);
  return queue;
}

void WorkEngine::destroy(WorkQueue* queue) {
  SpinGuard guard(lock_);
  CHECK(queue->unfinished_.empty(), "queue {} is destroyed with items", queue->options.name);
  std::erase_if(queues_, [&](auto& one) { return one.get() == queue; });
}

void WorkEngine::set_max_active(WorkQueue* queue, unsigned max_active) {
  for (unsigned place = 0; place < queue->places_.size(); place++) {
    Kick kick;
    {
      SpinGuard guard(lock_);
      queue->max_active_ = max_active;
      activate_locked(*queue, place);
      kick = kick_locked(*queue->places_[place].pool);
    }
    carry_out(kick);
  }
}

unsigned WorkEngine::place_of(const WorkQueue& queue, unsigned cpu) const {
  if (queue.options.unbound) return 0;
  return cpu < machine_.cpu_count() ? cpu : Cpu::current()->number();
}

void WorkEngine::move(WorkList& from, WorkList::iterator item, WorkList& to) {
  to.splice(to.end(), from, item);
  item->list = &to;
}

void WorkEngine::enqueue(WorkQueue* queue, WorkWord* word, unsigned cpu) {
  WorkItem item{.word = word, .identity = hooks_.identity(word), .queue = queue};
  Kick kick;
  {
    SpinGuard guard(lock_);
    item.place = place_of(*queue, cpu);
    // Still running on this queue in another pool: behind itself, there.
    if (Worker* worker = running_locked(word, item.identity);
        worker && worker->current.front().queue == queue)
      item.place = worker->current.front().place;
    WorkPlace& place = queue->places_[item.place];
    item.number = next_number_++;
    item.active = place.inactive.empty() && place.active < queue->max_active_;
    item.list = item.active ? &place.pool->items : &place.inactive;
    place.active += item.active;
    queue->unfinished_.insert(item.number);
    item.list->push_back(item);
    pending_[word] = std::prev(item.list->end());
    if (item.active) kick = kick_locked(*place.pool);
  }
  carry_out(kick);
}

// Items that waited inactive move on as far as max_active allows.
void WorkEngine::activate_locked(WorkQueue& queue, unsigned number) {
  WorkPlace& place = queue.places_[number];
  while (!place.inactive.empty() && place.active < queue.max_active_) {
    auto item = place.inactive.begin();
    item->active = true;
    place.active++;
    move(place.inactive, item, place.pool->items);
  }
}

// A queueing is over: those who waited for it go on, and the next one may begin.
void WorkEngine::forget_locked(WorkQueue& queue, uint64_t number, unsigned place, bool was_active) {
  queue.unfinished_.erase(number);
  if (was_active) queue.places_[place].active--;
  activate_locked(queue, place);
  std::erase_if(queue.waiters_, [&](WorkWaiter* waiter) {
    bool waits = waiter->only_this
                     ? queue.unfinished_.contains(waiter->number)
                     : !queue.unfinished_.empty() && *queue.unfinished_.begin() <= waiter->number;
    if (waits) return false;
    Task* task = waiter->task;
    waiter->done = true;
    machine_.scheduler().wake(task);
    return true;
  });
}

bool WorkEngine::take_back(WorkWord* word) {
  Kick kick;
  {
    SpinGuard guard(lock_);
    auto found = pending_.find(word);
    if (found == pending_.end()) return false;
    WorkItem item = *found->second;
    item.list->erase(found->second);
    pending_.erase(found);
    forget_locked(*item.queue, item.number, item.place, item.active);
    kick = kick_locked(*item.queue->places_[item.place].pool);
  }
  carry_out(kick);
  return true;
}

void WorkEngine::block(WorkWord* word, bool on) {
  SpinGuard guard(lock_);
  if (on)
    blocked_[word]++;
  else if (auto found = blocked_.find(word); --found->second == 0)
    blocked_.erase(found);
}

bool WorkEngine::blocked(const WorkWord* word) {
  SpinGuard guard(lock_);
  return blocked_.contains(word);
}

bool WorkEngine::wait(WorkQueue* queue, uint64_t number, bool only_this) {
  WorkWaiter waiter;
  waiter.task = Scheduler::current();
  waiter.number = number;
  waiter.only_this = only_this;
  queue->waiters_.push_back(&waiter);
  lock_.unlock();
  while (true) {
    waiter.task->state->store(kUninterruptible);
    if (waiter.done) break;
    machine_.scheduler().schedule();
  }
  waiter.task->state->store(kRunning);
  lock_.lock();  // whoever woke us has let go of `waiter`
  return true;
}

bool WorkEngine::wait_for_item(WorkWord* word) {
  SpinGuard guard(lock_);
  if (auto found = pending_.find(word); found != pending_.end())
    return wait(found->second->queue, found->second->number, true);
  Worker* worker = running_locked(word, {});
  if (!worker) return false;
  return wait(worker->current.front().queue, worker->current.front().number, true);
}

bool WorkEngine::wait_for_running(WorkWord* word) {
  SpinGuard guard(lock_);
  Worker* worker = running_locked(word, {});
  if (!worker) return false;
  return wait(worker->current.front().queue, worker->current.front().number, true);
}

void WorkEngine::wait_for_all_so_far(WorkQueue* queue) {
  SpinGuard guard(lock_);
  if (!queue->unfinished_.empty()) wait(queue, next_number_ - 1, false);
}

void WorkEngine::wait_until_empty(WorkQueue* queue) {
  SpinGuard guard(lock_);
  while (!queue->unfinished_.empty()) wait(queue, ~0ull, false);
}

bool WorkEngine::is_empty(WorkQueue* queue) {
  SpinGuard guard(lock_);
  return queue->unfinished_.empty();
}

WorkState WorkEngine::state(const WorkWord* word) {
  SpinGuard guard(lock_);
  return {.pending = pending_.contains(word), .running = running_locked(word, {}) != nullptr};
}

bool WorkEngine::congested(WorkQueue* queue, unsigned cpu) {
  SpinGuard guard(lock_);
  return !queue->places_[place_of(*queue, cpu)].inactive.empty();
}

WorkQueue* WorkEngine::queue_of(const WorkWord* word) {
  SpinGuard guard(lock_);
  if (auto found = pending_.find(word); found != pending_.end()) return found->second->queue;
  Worker* worker = running_locked(word, {});
  return worker ? worker->current.front().queue : nullptr;
}

}  // namespace ring3::machine
