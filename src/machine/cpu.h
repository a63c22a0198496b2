// SPDX-License-Identifier: GPL-2.0-only
// A CPU: a host thread that runs tasks, one at a time, with its per-CPU area behind %gs. It is also
// where interrupts arrive: a set of pending sources that the virtual interrupt delivers
// (interrupts.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "host/registers.h"
#include "host/signals.h"
#include "host/thread.h"
#include "machine/fiber.h"
#include "machine/task.h"

namespace ring3::machine {

class Machine;

// Sources of interrupts, delivered in this order.
enum Interrupt : uint32_t {
  kTick = 1u << 0,        // the CPU's timer
  kReschedule = 1u << 1,  // somebody more urgent is runnable
  kCall = 1u << 2,        // a function call from another CPU
  kDevice = 1u << 3,      // raised by device models
};

class Cpu {
 public:
  Cpu(Machine& machine, unsigned number, uint64_t area);
  ~Cpu();

  static Cpu* current() { return kapi::gs_cpu(); }
  unsigned number() const { return number_; }
  Machine& machine() { return machine_; }
  uint64_t area() const { return area_; }
  kapi::GsArea& gs() { return *reinterpret_cast<kapi::GsArea*>(area_); }
  const Stack& trap_stack() const { return trap_stack_; }
  std::atomic<unsigned>& preempt_count();  // of the running task, in the per-CPU area

  // Makes `interrupt` pending here; the CPU takes it as soon as it may.
  void raise(Interrupt interrupt);
  void note_tick();  // the same for kTick on this CPU; from its own signal handler too
  uint32_t take_pending();
  // The tick runs while the CPU is busy; the first after first_ns.
  void arm_tick(uint64_t first_ns);

  // The fault that a trap entry is about (traps.h).
  host::Fault fault{};
  bool in_trap = false;
  uint8_t interrupts_after_trap = 1;  // a trap hook that emulates cli or sti changes it
  Task& idle_task() { return *idle_task_; }

 private:
  friend class Machine;
  friend class Scheduler;
  void start();
  void join();
  void wake_up();  // out of idle()
  void idle();     // until something may have changed
  void set_kernel_task(uint64_t kernel_task);

  Machine& machine_;
  unsigned number_;
  uint64_t area_;
  Stack trap_stack_;
  Fiber scheduler_fiber_;
  std::thread thread_;
  std::atomic<host::ThreadId> thread_id_{0};
  std::unique_ptr<host::KickTimer> tick_;
  std::atomic<uint32_t> pending_{0};
  std::atomic<uint32_t> idle_word_{0};  // changes to wake an idle CPU
  std::atomic<bool> parked_{false};     // waits, or is about to, for idle_word_ to change
  bool idle_ = false;                   // guarded by the run queue's lock
  std::unique_ptr<Task> idle_task_;     // "swapper/N": who runs while nobody does; has no stack
  bool tick_armed_ = false;
};

}  // namespace ring3::machine
