// SPDX-License-Identifier: GPL-2.0-only
// A machine: one running user-space kernel in this process. The engines in one object: CPUs,
// scheduler, clock, timers, per-CPU areas. It knows no kernel struct; src/linux/init boots one with
// Linux's face on. There is at most one at a time in a process (module space and %gs are the
// process's), but one after the other is fine.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "machine/clock.h"
#include "machine/cpu.h"
#include "machine/scheduler.h"
#include "machine/timers.h"

namespace ring3::machine {

struct MachineOptions {
  unsigned cpus = 2;
  ClockKind clock = ClockKind::kReal;
  uint64_t tick_ns = 4'000'000;  // CONFIG_HZ=250
  // Each CPU's per-CPU area (the beginning is kapi::GsArea); empty: the machine makes small ones.
  std::vector<uint64_t> percpu_areas;
  // Where Linux's current_task and __preempt_count lie in the areas; 0: places of the engine's own.
  uint64_t current_task_offset = 0;
  uint64_t preempt_count_offset = 0;
};

// What src/linux and src/debug hang into the engines. All optional.
struct MachineHooks {
  // Time may have passed unnoticed: called from a signal handler in module code (so it may only
  // compute and store), and before the first task runs after idling.
  void (*time_passed)(Machine&) = nullptr;
  // A task is made, not yet known to anybody; one is destroyed. For src/linux's task_struct.
  std::function<void(Task&)> task_created;
  std::function<void(Task&)> task_destroyed;
  // A task ends; it still is the running one. `killed`: by an oops. Not called when the machine
  // stops.
  std::function<void(Task&, bool killed)> task_exits;
  // After the tick's timers ran, in interrupt context.
  std::function<void(Cpu&)> tick;
  // Softirqs, after the last nested interrupt handler; interrupts are on meanwhile.
  std::function<void(Cpu&)> softirq;
  // An interrupt source other than the tick.
  std::function<void(Cpu&, Interrupt)> interrupt;
  // A fault in module code or in runtime code on behalf of a task, on the CPU's trap stack. Returns
  // to continue with the registers (a WARN, an exception table entry); otherwise ends the task with
  // Scheduler::exit_current(true).
  std::function<void(Cpu&, host::Registers&, const host::Fault&)> trap;
  // Module code is deeper than GsArea::stack_limit: it called the kernel API, or was interrupted
  // (then with its registers).
  std::function<void(Cpu&, const host::Registers*)> stack_is_deep;
};

class Machine {
 public:
  explicit Machine(MachineOptions options);
  ~Machine();  // stops the CPUs; tasks that still run are abandoned where they are
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // The machine of this process, or null.
  static Machine* instance();

  void start();  // CPUs begin to run tasks
  void stop();
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

  const MachineOptions& options() const { return options_; }
  Clock& clock() { return clock_; }
  Timers& timers() { return timers_; }
  Scheduler& scheduler() { return scheduler_; }
  StackPool& stacks() { return stacks_; }
  Cpu& cpu(unsigned number) { return *cpus_[number]; }
  unsigned cpu_count() const { return static_cast<unsigned>(cpus_.size()); }

  MachineHooks hooks;

 private:
  MachineOptions options_;
  Clock clock_;
  Timers timers_;
  StackPool stacks_;
  Scheduler scheduler_;
  uint64_t own_areas_ = 0;
  std::vector<std::unique_ptr<Cpu>> cpus_;
  std::atomic<bool> stopping_{false};
  bool started_ = false;
};

}  // namespace ring3::machine
