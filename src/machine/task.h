// SPDX-License-Identifier: GPL-2.0-only
// A task: a fiber with a kernel stack, a state and a place in the run queue. The engine's half of
// Linux's task_struct; src/linux gives each task its kernel struct (and points `state` into it,
// because module code writes it inline), engines and unit tests do without.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "kapi/gs_area.h"
#include "machine/fiber.h"

namespace ring3::machine {

class Cpu;
class Scheduler;
class UserMemory;

// include/linux/sched.h, values that every target shares.
enum TaskState : unsigned {
  kRunning = 0,
  kInterruptible = 1,
  kUninterruptible = 2,
  kDead = 0x80,
  kIdleSleep = 0x402,  // uninterruptible, and not a sign of load
  kWakeKill = 0x100,   // a fatal signal ends this sleep
};

// Parts of preempt_count (include/linux/preempt.h, arch/x86/include/asm/preempt.h). The top bit is
// inverted: set means that nobody waits, so that a decrement to zero says "reschedule now".
inline constexpr unsigned kPreemptMask = 0xff;
inline constexpr unsigned kSoftirqOffset = 0x100;
inline constexpr unsigned kSoftirqMask = 0xff00;
inline constexpr unsigned kHardirqOffset = 0x10000;
inline constexpr unsigned kHardirqMask = 0xf0000;
inline constexpr unsigned kNoReschedule = 0x80000000;
inline constexpr unsigned kPreemptIdle = kNoReschedule;

class Task {
 public:
  const std::string& name() const { return name_; }
  int id() const { return id_; }
  const Stack& stack() const { return stack_; }
  bool finished() const { return finished_.load(std::memory_order_acquire); }
  // Died in an oops instead of returning.
  bool killed() const { return killed_; }

  // Linux's task_struct, zero without src/linux; what gs:current_task is while the task runs.
  uint64_t kernel_task = 0;
  // Whoever created the task may keep something with it.
  void* owner = nullptr;
  // Of the program whose system call the task makes; null: it makes none.
  const UserMemory* user_memory = nullptr;
  // The state word: our own, or the one inside task_struct.
  std::atomic<unsigned>* state = &own_state_;
  // A signal is pending, so interruptible sleeps end (-EINTR, -ERESTARTSYS).
  std::atomic<bool> signalled{false};
  // The signal is fatal, so killable sleeps end as well.
  std::atomic<bool> fatally_signalled{false};
  // What Linux would end the task's process with when an oops ends the task.
  int death_signal = 9;
  // Called by the task itself: it is about to sleep, and it runs again. A worker pool keeps count
  // of its running workers with these.
  void (*falls_asleep)(Task&) = nullptr;
  void (*woke)(Task&) = nullptr;
  void (*ends)(Task&) = nullptr;  // the same, for good
  void* worker = nullptr;         // theirs

  // The state word is in memory that goes away.
  void restore_own_state() {
    own_state_ = state->load();
    state = &own_state_;
  }

 private:
  friend class Scheduler;
  friend class Cpu;
  Task(Scheduler& scheduler, int id, std::string name, Stack stack, std::function<void()> body);
  static void main(void* self);
  void start_fiber();

  Scheduler& scheduler_;
  int id_;
  std::string name_;
  Stack stack_;
  std::optional<Fiber> fiber_;  // the idle task has none
  std::function<void()> body_;
  std::atomic<unsigned> own_state_{kRunning};
  std::atomic<bool> finished_{false};
  bool killed_ = false;
  std::atomic<bool> exiting_{false};
  uint64_t allowed_cpus_ = ~0ull;

  // Guarded by the run queue's lock.
  bool runnable_ = false;  // queued or running
  bool on_cpu_ = false;
  Task* next_ = nullptr;
  Task* joiner_ = nullptr;
  std::atomic<uint32_t> done_word_{0};  // a host thread waits on it

  // What belongs to the task while another one runs (GsArea and the preempt count hold it
  // meanwhile).
  kapi::CallRecord* calls_ = nullptr;
  uint8_t interrupts_on_ = 1;
  unsigned preempt_count_ = kPreemptIdle;
  uint64_t stack_limit_ = 0;
};

}  // namespace ring3::machine
