// SPDX-License-Identifier: GPL-2.0-only
// Tasks as the files of src/linux see them: current and its task_struct, the preempt count,
// sleeping and waking, and the spinning that locks do. The engines are machine::Scheduler and
// machine::Parking; what Linux adds is in kernel/sched and kernel/fork.cc.
#pragma once

#include <atomic>
#include <cstdint>

#include "kapi/field.h"
#include "machine/interrupts.h"
#include "machine/machine.h"

namespace ring3::k {
struct task_struct;
struct cpumask;
struct list_head;
struct cred;
struct pid;
struct nsproxy;
struct mm_struct;
struct signal_struct;
struct sighand_struct;
}  // namespace ring3::k

namespace ring3::kernel {

// include/linux/sched.h; the values are ABI between kernel and modules, equal in all targets.
inline constexpr unsigned kTaskRunning = 0;
inline constexpr unsigned kTaskInterruptible = 1;
inline constexpr unsigned kTaskUninterruptible = 2;
inline constexpr unsigned kTaskParked = 0x40;
inline constexpr unsigned kTaskDead = 0x80;
inline constexpr unsigned kTaskWakeKill = 0x100;
inline constexpr unsigned kTaskNoLoad = 0x400;
inline constexpr unsigned kTaskNew = 0x800;
inline constexpr unsigned kTaskKillable = kTaskWakeKill | kTaskUninterruptible;
inline constexpr unsigned kTaskIdle = kTaskUninterruptible | kTaskNoLoad;
inline constexpr unsigned kTaskNormal = kTaskInterruptible | kTaskUninterruptible;
inline constexpr long kMaxScheduleTimeout = INT64_MAX;

// Errors that only the kernel knows, and errno values as functions return them.
inline constexpr int kErrorRestart = 512;  // ERESTARTSYS

KSIZE(task_struct);
KFIELD(task_struct, __state, unsigned);
KFIELD(task_struct, flags, unsigned);
KFIELD(task_struct, pid, int);
KFIELD(task_struct, tgid, int);
KFIELD(task_struct, comm, char[16]);
KFIELD_PATH(task_struct, thread_info.flags, thread_flags, unsigned long);
KFIELD_PATH(task_struct, thread_info.cpu, thread_cpu, unsigned);

// The machine that runs, and the running task. Only on a CPU's thread.
inline machine::Machine& machine_() { return *machine::Machine::instance(); }
inline machine::Task* this_task() { return kapi::gs_task(); }
inline unsigned this_cpu() { return machine::Cpu::current()->number(); }
// May %gs be read? False on host threads that boot, load or tear down.
inline bool on_cpu() { return machine::on_cpu_thread(); }

// Linux's current, and back. A task_struct whose task has ended has none.
k::task_struct* current();
machine::Task* task_of(const k::task_struct* task);
inline k::task_struct* kernel_task_of(const machine::Task* task) {
  return reinterpret_cast<k::task_struct*>(task->kernel_task);
}

// A member that is an atomic_t or atomic_long_t, or a word that module code changes as well.
template <class T>
std::atomic<T>& word(const void* place) {
  return *reinterpret_cast<std::atomic<T>*>(reinterpret_cast<uint64_t>(place));
}

// The preempt count of the running task. Runtime code is not interrupted, so it stays on its CPU.
inline unsigned preempt_count() {
  return machine::Cpu::current()->preempt_count() & ~machine::kNoReschedule;
}
inline void preempt_count_add(unsigned value) { machine::Cpu::current()->preempt_count() += value; }
inline void preempt_count_sub(unsigned value) { machine::Cpu::current()->preempt_count() -= value; }
inline void preempt_disable() { preempt_count_add(1); }
void preempt_enable();
// Lets others run if it is their turn and this context may be preempted.
void preempt_check();
inline bool in_interrupt() {
  return preempt_count() & (machine::kHardirqMask | machine::kSoftirqMask);
}
inline bool in_hardirq() { return preempt_count() & machine::kHardirqMask; }
inline bool is_idle_task() { return this_task() == &machine::Cpu::current()->idle_task(); }

inline uint64_t interrupts_save() {
  uint64_t flags = kapi::gs_interrupts_on() ? 0x200 : 0;  // X86_EFLAGS_IF
  machine::disable_interrupts();
  return flags;
}
inline void interrupts_restore(uint64_t flags) {
  if (flags & 0x200)
    machine::enable_interrupts();
  else
    machine::disable_interrupts();
}

void local_bh_disable();
void local_bh_enable();

// schedule(), with Linux's complaint when the caller may not sleep.
void schedule();
// Waits for `timeout` jiffies or a wake-up, with the state that the caller set; what is left.
long schedule_timeout(long timeout);
inline void set_current_state(unsigned state) { this_task()->state->store(state); }
bool signal_pending(unsigned state);  // is there a signal that ends a sleep in this state?
bool wake_up_state(k::task_struct* task, unsigned states);
// The function that called us may sleep: complains if it may not, and is a place to be preempted.
void might_sleep(const char* file = nullptr, int line = 0);

// One turn of a busy wait. Gives the host's processor away now and then, takes interrupts if they
// are on. When the machine stops it ends the task; false: it cannot (the idle task, an interrupt),
// so the caller must go on as if it had what it waits for.
class Spinner {
 public:
  bool turn();

 private:
  unsigned turns_ = 0;
  uint64_t since_ns_ = 0;
  bool reported_ = false;
};

// A spinlock of Linux's, wherever it lies: raw_spinlock_t, spinlock_t, qspinlock.
void spin_lock_word(const void* lock);
bool spin_trylock_word(const void* lock);
void spin_unlock_word(const void* lock);
// A reader-writer lock: rwlock_t, qrwlock.
void read_lock_word(const void* lock);
void read_unlock_word(const void* lock);
void write_lock_word(const void* lock);
void write_unlock_word(const void* lock);
// Holds one with interrupts off, as code that may meet interrupts does.
class IrqSpinGuard {
 public:
  explicit IrqSpinGuard(const void* lock) : lock_(lock), flags_(interrupts_save()) {
    preempt_disable();
    spin_lock_word(lock_);
  }
  ~IrqSpinGuard() {
    spin_unlock_word(lock_);
    interrupts_restore(flags_);
    preempt_enable();
  }
  IrqSpinGuard(const IrqSpinGuard&) = delete;
  IrqSpinGuard& operator=(const IrqSpinGuard&) = delete;

 private:
  const void* lock_;
  uint64_t flags_;
};

}  // namespace ring3::kernel
