// SPDX-License-Identifier: GPL-2.0-only
// Which task runs where. One run queue for all CPUs, first come first served; a task leaves its CPU
// when it sleeps, yields, ends, or when its slice is over and it is interrupted in module code.
//
// The protocol is Linux's: a task sets its state, checks its condition, and calls schedule(), which
// puts it to sleep only if the state is still not kRunning; wake() sets kRunning and queues it.
// Both sides hold the run queue's lock for their decision, so no wake-up is lost. The lock is
// handed over by the switch: taken on the task's stack, released on the scheduler's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "machine/spinlock.h"
#include "machine/task.h"

namespace ring3::machine {

class Machine;

class Scheduler {
 public:
  explicit Scheduler(Machine& machine) : machine_(machine) {}
  ~Scheduler();

  // A new task, asleep until wake(). The creator destroys it after it finished (or never ran).
  Task* create(std::string name, std::function<void()> body);
  void destroy(Task* task);

  // From a task: lets others run; returns when this task is chosen again.
  void schedule();
  // The same for a task that is interrupted: it stays runnable whatever its state word says, for it
  // may be between setting the state and checking its condition.
  void preempt();
  // From a task; never returns (not marked so: asan would take a trap stack for a corrupted one).
  // `killed`: it died in an oops.
  void exit_current(bool killed);

  // Makes a task runnable if its state is one of `states`. Returns whether it was asleep in one.
  // Callable from anywhere, interrupts included.
  bool wake(Task* task, unsigned states = ~0u);

  // From a host thread that is no CPU: runs body as a task and waits for its end. False: it was
  // killed. `watch` gets the task before it runs and null before it is destroyed: in between the
  // task may be woken or signalled from elsewhere.
  bool run(std::string name, std::function<void()> body,
           const std::function<void(Task*)>& watch = {});
  // From a task: waits until `task` has finished.
  void join(Task* task);
  // Destroys the task if it has finished for good.
  bool reap(Task* task);

  // The CPUs that may run the task, a bit for each. One that runs on another CPU moves when it next
  // leaves it.
  void allow_cpus(Task* task, uint64_t cpus);
  uint64_t allowed_cpus(Task* task);
  bool on_cpu(Task* task);

  bool others_waiting() const { return waiting_.load(std::memory_order_relaxed) > 0; }
  bool all_idle();
  bool work_for(Cpu& cpu);  // is a task queued that this CPU may run?
  static Task* current() { return kapi::gs_task(); }
  std::vector<Task*> tasks();

 private:
  friend class Cpu;
  friend class Task;
  Task* pick_locked(Cpu& cpu);
  void enqueue_locked(Task* task);
  void wake_idle_cpu_locked(uint64_t allowed);
  void leave_runnable(Task* task);
  void leave(Task* task, bool last);
  void run_cpu(Cpu& cpu);
  void enter(Cpu& cpu, Task* task);
  void finish(Task* task);
  void release_after_switch();

  Machine& machine_;
  SpinLock lock_;
  Task* queue_head_ = nullptr;
  Task* queue_tail_ = nullptr;
  std::vector<Task*> all_;
  std::atomic<int> waiting_{0};  // length of the queue
  unsigned idle_cpus_ = 0;
  std::atomic<int> next_id_{1};
};

}  // namespace ring3::machine
