// SPDX-License-Identifier: GPL-2.0-only
#include "machine/scheduler.h"

#include <algorithm>

#include "base/check.h"
#include "machine/interrupts.h"
#include "machine/machine.h"
#include "machine/parking.h"

namespace ring3::machine {

Task::Task(Scheduler& scheduler, int id, std::string name, Stack stack, std::function<void()> body)
    : scheduler_(scheduler),
      id_(id),
      name_(std::move(name)),
      stack_(stack),
      body_(std::move(body)),
      stack_limit_(stack.top ? stack.top - kLinuxStackSize : 0) {}

void Task::start_fiber() {
  fiber_.emplace(stack_, reinterpret_cast<void (*)(void*)>(&Task::main), this);
}

void Task::main(void* self) {
  Fiber::entered();
  Task& task = *static_cast<Task*>(self);
  task.scheduler_.release_after_switch();
  task.body_();
  task.scheduler_.exit_current(false);
}

Scheduler::~Scheduler() {
  for (Task* task : std::vector<Task*>(all_)) {
    task->on_cpu_ = false;
    task->finished_ = true;  // abandoned where it was
    destroy(task);
  }
  Parking::forget();
}

Task* Scheduler::create(std::string name, std::function<void()> body) {
  Task* task = new Task(*this, next_id_.fetch_add(1), std::move(name), machine_.stacks().take(),
                        std::move(body));
  task->start_fiber();
  task->state->store(kUninterruptible);
  if (machine_.hooks.task_created) machine_.hooks.task_created(*task);
  SpinGuard guard(lock_);
  all_.push_back(task);
  return task;
}

void Scheduler::destroy(Task* task) {
  {
    SpinGuard guard(lock_);
    CHECK(!task->on_cpu_, "task {} is destroyed while it runs", task->name());
    std::erase(all_, task);
  }
  if (machine_.hooks.task_destroyed) machine_.hooks.task_destroyed(*task);
  machine_.stacks().give_back(task->stack_);
  delete task;
}

void Scheduler::enqueue_locked(Task* task) {
  task->next_ = nullptr;
  (queue_tail_ ? queue_tail_->next_ : queue_head_) = task;
  queue_tail_ = task;
  waiting_.fetch_add(1, std::memory_order_relaxed);
}

Task* Scheduler::pick_locked(Cpu& cpu) {
  Task* before = nullptr;
  for (Task* task = queue_head_; task; before = task, task = task->next_) {
    // A task that was woken while still leaving another CPU waits until it has left.
    if (!(task->allowed_cpus_ >> cpu.number() & 1) || task->on_cpu_) continue;
    (before ? before->next_ : queue_head_) = task->next_;
    if (queue_tail_ == task) queue_tail_ = before;
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return task;
  }
  return nullptr;
}

bool Scheduler::all_idle() {
  SpinGuard guard(lock_);
  return idle_cpus_ == machine_.cpu_count() && !queue_head_;
}

bool Scheduler::work_for(Cpu& cpu) {
  SpinGuard guard(lock_);
  for (Task* task = queue_head_; task; task = task->next_)
    if (task->allowed_cpus_ >> cpu.number() & 1) return true;
  return false;
}

// One sleeper is enough for one more task; busy CPUs notice at their next tick.
void Scheduler::wake_idle_cpu_locked(uint64_t allowed) {
  for (unsigned i = 0; i < machine_.cpu_count(); i++) {
    Cpu& cpu = machine_.cpu(i);
    if (!cpu.idle_ || !(allowed >> i & 1)) continue;
    cpu.idle_ = false;
    idle_cpus_--;
    cpu.wake_up();
    return;
  }
}

bool Scheduler::wake(Task* task, unsigned states) {
  SpinGuard guard(lock_);
  unsigned state = task->state->load();
  if (state == kRunning || !(state & states) || task->exiting_ || task->finished_) return false;
  task->state->store(kRunning);
  if (task->runnable_) return true;  // it had not gone to sleep yet
  task->runnable_ = true;
  enqueue_locked(task);
  wake_idle_cpu_locked(task->allowed_cpus_);
  return true;
}

// Switches from a task to its CPU's scheduler. The run queue's lock is held and is released on the
// other side; whoever chooses this task again holds it too, and it is released here.
void Scheduler::leave(Task* task, bool last) {
  Cpu& cpu = *Cpu::current();
  kapi::GsArea& gs = cpu.gs();
  task->calls_ = gs.calls;
  task->interrupts_on_ = gs.interrupts_on;
  task->preempt_count_ = cpu.preempt_count();
  task->stack_limit_ = gs.stack_limit;
  Fiber::switch_to(*task->fiber_, cpu.scheduler_fiber_, last);
  lock_.unlock();
}

void Scheduler::release_after_switch() { lock_.unlock(); }

void Scheduler::schedule() {
  Task* task = current();
  bool sleeps = task->falls_asleep && task->state->load() != kRunning;
  if (sleeps) task->falls_asleep(*task);
  lock_.lock();
  unsigned state = task->state->load();
  bool interrupted = ((state & kInterruptible) && task->signalled.load()) ||
                     ((state & kWakeKill) && task->fatally_signalled.load());
  if (interrupted) task->state->store(kRunning);
  if (state == kRunning || interrupted) {
    leave_runnable(task);
  } else {
    task->runnable_ = false;
    leave(task, false);
  }
  if (sleeps && task->woke) task->woke(*task);
}

void Scheduler::preempt() {
  lock_.lock();
  leave_runnable(current());
}

// The task goes to the end of the queue, if anybody stands there. Holding the lock, which is free
// afterwards.
void Scheduler::leave_runnable(Task* task) {
  Cpu& cpu = *Cpu::current();
  cpu.preempt_count() |= kNoReschedule;
  if (!queue_head_ && (task->allowed_cpus_ >> cpu.number() & 1)) return lock_.unlock();
  enqueue_locked(task);
  if (!(task->allowed_cpus_ >> cpu.number() & 1)) wake_idle_cpu_locked(task->allowed_cpus_);
  leave(task, false);
}

void Scheduler::exit_current(bool killed) {
  Task* task = current();
  Cpu::current()->in_trap = false;
  CHECK(task != &Cpu::current()->idle_task(), "the idle task cannot end");
  if (!machine_.stopping() && task->ends) task->ends(*task);
  if (!machine_.stopping() && machine_.hooks.task_exits) machine_.hooks.task_exits(*task, killed);
  lock_.lock();
  task->killed_ = killed;
  task->runnable_ = false;
  task->exiting_ = true;
  leave(task, true);
}

// On the scheduler's stack, after a task left for good.
void Scheduler::finish(Task* task) {
  Task* joiner = task->joiner_;
  task->finished_.store(true, std::memory_order_release);
  if (joiner) {
    joiner->state->store(kRunning);
    if (!joiner->runnable_) {
      joiner->runnable_ = true;
      enqueue_locked(joiner);
      wake_idle_cpu_locked(joiner->allowed_cpus_);
    }
  }
}

void Scheduler::enter(Cpu& cpu, Task* task) {
  kapi::GsArea& gs = cpu.gs();
  task->on_cpu_ = true;
  gs.task = task;
  gs.calls = task->calls_;
  gs.interrupts_on = task->interrupts_on_;
  gs.stack_limit = task->stack_limit_;
  cpu.preempt_count() = task->preempt_count_ | kNoReschedule;
  cpu.set_kernel_task(task->kernel_task);
  if (!cpu.tick_armed_) {
    if (machine_.hooks.time_passed) machine_.hooks.time_passed(machine_);
    cpu.arm_tick(machine_.options().tick_ns);
  }
  Fiber::switch_to(cpu.scheduler_fiber_, *task->fiber_);
  // The task left, holding the lock.
  Task& idle = cpu.idle_task();
  gs.task = &idle;
  gs.calls = nullptr;
  gs.interrupts_on = 1;
  gs.stack_limit = idle.stack_limit_;
  cpu.preempt_count() = kPreemptIdle;
  cpu.set_kernel_task(idle.kernel_task);
  task->on_cpu_ = false;
  if (!task->exiting_) return;
  finish(task);
  // From here on the task's owner may destroy it, once it sees the lock free.
  lock_.unlock();
  task->done_word_.store(1, std::memory_order_release);
  host::wake(task->done_word_);
  lock_.lock();
}

void Scheduler::run_cpu(Cpu& cpu) {
  cpu.gs().interrupts_on = 1;
  cpu.set_kernel_task(cpu.idle_task().kernel_task);
  lock_.lock();
  while (!machine_.stopping()) {
    if (kapi::gs_interrupt_pending()) {
      lock_.unlock();
      deliver_pending();
      lock_.lock();
      continue;
    }
    if (Task* task = pick_locked(cpu)) {
      enter(cpu, task);
      continue;
    }
    cpu.idle_ = true;
    idle_cpus_++;
    lock_.unlock();
    cpu.idle();
    lock_.lock();
    if (cpu.idle_) {
      cpu.idle_ = false;
      idle_cpus_--;
    }
  }
  lock_.unlock();
}

bool Scheduler::run(std::string name, std::function<void()> body,
                    const std::function<void(Task*)>& watch) {
  Task* task = create(std::move(name), std::move(body));
  if (watch) watch(task);
  wake(task);
  while (!task->done_word_.load(std::memory_order_acquire)) host::wait_on(task->done_word_, 0);
  bool killed = task->killed_;
  if (watch) watch(nullptr);
  destroy(task);
  return !killed;
}

void Scheduler::join(Task* task) {
  Task* self = current();
  while (true) {
    lock_.lock();
    if (task->finished_.load()) break;
    task->joiner_ = self;
    self->state->store(kUninterruptible);
    self->runnable_ = false;
    leave(self, false);
  }
  lock_.unlock();
  while (!task->done_word_.load(std::memory_order_acquire)) host::yield_thread();
}

bool Scheduler::reap(Task* task) {
  if (!task->done_word_.load(std::memory_order_acquire)) return false;
  destroy(task);
  return true;
}

void Scheduler::allow_cpus(Task* task, uint64_t cpus) {
  SpinGuard guard(lock_);
  task->allowed_cpus_ = cpus;
  if (task->runnable_ && !task->on_cpu_) wake_idle_cpu_locked(cpus);
}

uint64_t Scheduler::allowed_cpus(Task* task) {
  SpinGuard guard(lock_);
  return task->allowed_cpus_;
}

bool Scheduler::on_cpu(Task* task) {
  SpinGuard guard(lock_);
  return task->on_cpu_;
}

std::vector<Task*> Scheduler::tasks() {
  SpinGuard guard(lock_);
  return all_;
}

}  // namespace ring3::machine
