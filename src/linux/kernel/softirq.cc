// SPDX-License-Identifier: GPL-2.0-only
// Softirqs and tasklets. Pending softirqs of a CPU run at the end of its last nested interrupt,
// when bottom halves come back on, or in its ksoftirqd; ten rounds at most, then ksoftirqd again.
//
// A tasklet waits in a list of the CPU that scheduled it, linked through tasklet_struct.next. Its
// state word has two bits: scheduled, and running; its count disables it.
#include "linux/include/softirq.h"

#include "kapi/kapi.h"
#include "linux/include/irq_work.h"
#include "linux/include/kernel.h"
#include "linux/include/printk.h"
#include "linux/include/rcu.h"
#include "linux/include/time.h"
#include "linux/kernel/kthread.h"
#include "linux/kernel/sched/sched.h"
#include "machine/parking.h"

namespace ring3::k {
struct tasklet_struct;
struct softirq_action;
}  // namespace ring3::k

namespace ring3::kernel {

KFIELD(tasklet_struct, next, k::tasklet_struct*);
KFIELD(tasklet_struct, state, unsigned long);
KPLACE(tasklet_struct, count, count);
KFIELD(tasklet_struct, use_callback, bool);
KFIELD(tasklet_struct, func, void (*)(unsigned long));
KFIELD(tasklet_struct, callback, void (*)(k::tasklet_struct*));
KFIELD(tasklet_struct, data, unsigned long);

namespace {

constexpr unsigned kMaxCpus = 64;
constexpr int kRounds = 10;
constexpr unsigned kDisable = 2 * machine::kSoftirqOffset;  // what local_bh_disable() adds

struct TaskletList {
  k::tasklet_struct* head = nullptr;
  k::tasklet_struct* tail = nullptr;
};

// Of one CPU; only that CPU touches it, and runtime code is not interrupted.
struct PerCpuState {
  std::atomic<uint32_t> pending{0};
  TaskletList tasklets[2];          // ordinary, high
  std::atomic<uint32_t> wanted{0};  // changes when ksoftirqd has something to do
};
PerCpuState cpus[kMaxCpus];
void (*handlers[kSoftirqs])() = {};

PerCpuState& mine() { return cpus[this_cpu()]; }

void wake_ksoftirqd(PerCpuState& cpu) {
  machine::Parking::unpark(
      &cpu.wanted, [](uintptr_t) { return machine::Parking::Decision::kWake; },
      [&](unsigned) { cpu.wanted++; });
}

// With bottom halves free to run: counted as serving a softirq, interrupts on meanwhile.
void run_pending() {
  uint8_t interrupts_were = kapi::gs_interrupts_on();
  preempt_count_add(machine::kSoftirqOffset);
  for (int round = 0; round < kRounds; round++) {
    uint32_t pending = mine().pending.exchange(0);
    if (!pending) break;
    machine::enable_interrupts();
    for (unsigned which = 0; which < kSoftirqs; which++)
      if ((pending >> which & 1) && handlers[which]) handlers[which]();
    machine::disable_interrupts();
  }
  preempt_count_sub(machine::kSoftirqOffset);
  if (mine().pending.load()) wake_ksoftirqd(mine());
  kapi::set_gs_interrupts_on(interrupts_were);
}

void at_interrupt_end(machine::Cpu& cpu) {
  if (cpus[cpu.number()].pending.load(std::memory_order_relaxed)) run_pending();
}

void ksoftirqd(unsigned number) {
  PerCpuState& cpu = cpus[number];
  while (true) {
    uint32_t seen = cpu.wanted.load();
    if (!cpu.pending.load()) {
      machine::Parking::park({.key = &cpu.wanted, .state = kTaskInterruptible},
                             [&] { return cpu.wanted.load() == seen && !cpu.pending.load(); });
      continue;
    }
    if (this_cpu() == number) run_pending();
    machine_().scheduler().schedule();  // one after the other with everybody else
  }
}

constexpr unsigned long kScheduled = 1, kRunning = 2;  // TASKLET_STATE_SCHED, _RUN

void add(TaskletList& list, k::tasklet_struct* tasklet) {
  tasklet_struct_next(tasklet) = nullptr;
  (list.tail ? tasklet_struct_next(list.tail) : list.head) = tasklet;
  list.tail = tasklet;
}

std::atomic<unsigned long>& state_of(const k::tasklet_struct* tasklet) {
  return word<unsigned long>(&tasklet_struct_state(tasklet));
}

// Bits that waiters look at change under their queue's lock.
void clear_state(k::tasklet_struct* tasklet, unsigned long bits) {
  machine::Parking::unpark(
      tasklet, [](uintptr_t) { return machine::Parking::Decision::kWake; },
      [&](unsigned) { state_of(tasklet).fetch_and(~bits); });
}

void call(k::tasklet_struct* tasklet) {
  if (tasklet_struct_use_callback(tasklet))
    tasklet_struct_callback(tasklet)(tasklet);
  else
    tasklet_struct_func(tasklet)(tasklet_struct_data(tasklet));
}

void run_tasklets(unsigned kind) {
  uint64_t flags = interrupts_save();
  k::tasklet_struct* next = mine().tasklets[kind].head;
  mine().tasklets[kind] = {};
  interrupts_restore(flags);
  while (k::tasklet_struct* tasklet = next) {
    next = tasklet_struct_next(tasklet);
    if (!(state_of(tasklet).fetch_or(kRunning) & kRunning)) {
      if (word<int>(tasklet_struct_count(tasklet)).load() == 0) {
        clear_state(tasklet, kScheduled);
        call(tasklet);
        clear_state(tasklet, kRunning);
        continue;
      }
      clear_state(tasklet, kRunning);
    }
    // Disabled, or running on another CPU: later.
    flags = interrupts_save();
    add(mine().tasklets[kind], tasklet);
    mine().pending.fetch_or(1u << (kind ? kHighSoftirq : kTaskletSoftirq));
    interrupts_restore(flags);
  }
}

void schedule_tasklet(k::tasklet_struct* tasklet, unsigned kind) {
  uint64_t flags = interrupts_save();
  add(mine().tasklets[kind], tasklet);
  raise_softirq(kind ? kHighSoftirq : kTaskletSoftirq);
  interrupts_restore(flags);
}

void wait_for_state(k::tasklet_struct* tasklet, unsigned long bits) {
  while (state_of(tasklet).load() & bits)
    machine::Parking::park({.key = tasklet},
                           [&] { return (state_of(tasklet).load() & bits) != 0; });
}

}  // namespace

void set_softirq_handler(Softirq which, void (*handler)()) { handlers[which] = handler; }

void raise_softirq(Softirq which) {
  PerCpuState& cpu = mine();
  cpu.pending.fetch_or(1u << which);
  if (!in_interrupt()) wake_ksoftirqd(cpu);
}

void local_bh_disable() { preempt_count_add(kDisable); }

void local_bh_enable() {
  // One is kept until the end: what is pending runs on this CPU.
  preempt_count_sub(kDisable - 1);
  if (!in_interrupt() && mine().pending.load()) run_pending();
  preempt_count_sub(1);
  preempt_check();
}

void softirq_init(machine::Machine& machine) {
  for (PerCpuState& cpu : cpus) {
    cpu.pending = 0;
    cpu.wanted = 0;
    cpu.tasklets[0] = cpu.tasklets[1] = {};
  }
  // BH work first, as Linux does it.
  handlers[kTaskletSoftirq] = [] {
    workqueue_softirq(false);
    run_tasklets(0);
  };
  handlers[kHighSoftirq] = [] {
    workqueue_softirq(true);
    run_tasklets(1);
  };
  machine.hooks.softirq = at_interrupt_end;
  machine.hooks.tick = [](machine::Cpu& cpu) { rcu_note_interrupt(cpu); };
  machine.hooks.interrupt = [](machine::Cpu& cpu, machine::Interrupt interrupt) {
    rcu_note_interrupt(cpu);
    if (interrupt == machine::kCall) run_cross_calls(cpu);
  };
}

void softirq_start() {
  for (unsigned i = 0; i < machine_().cpu_count(); i++)
    start_kernel_thread("ksoftirqd/" + std::to_string(i), 1ull << i, [i] { ksoftirqd(i); });
}

namespace {

KAPI(__local_bh_enable_ip, Real, void, (unsigned long ip, unsigned count)) {
  preempt_count_sub(count - 1);
  if (!in_interrupt() && mine().pending.load()) run_pending();
  preempt_count_sub(1);
  preempt_check();
}
KAPI(_local_bh_enable, Real, void, ()) { preempt_count_sub(kDisable); }

KAPI(__tasklet_schedule, Real, void, (k::tasklet_struct * tasklet)) {
  schedule_tasklet(tasklet, 0);
}
KAPI(__tasklet_hi_schedule, Real, void, (k::tasklet_struct * tasklet)) {
  schedule_tasklet(tasklet, 1);
}
KAPI(tasklet_setup, Real, void,
     (k::tasklet_struct * tasklet, void (*callback)(k::tasklet_struct*))) {
  tasklet_struct_next(tasklet) = nullptr;
  tasklet_struct_state(tasklet) = 0;
  word<int>(tasklet_struct_count(tasklet)) = 0;
  tasklet_struct_callback(tasklet) = callback;
  tasklet_struct_use_callback(tasklet) = true;
  tasklet_struct_data(tasklet) = 0;
}
KAPI(tasklet_init, Real, void,
     (k::tasklet_struct * tasklet, void (*function)(unsigned long), unsigned long data)) {
  tasklet_struct_next(tasklet) = nullptr;
  tasklet_struct_state(tasklet) = 0;
  word<int>(tasklet_struct_count(tasklet)) = 0;
  tasklet_struct_func(tasklet) = function;
  tasklet_struct_use_callback(tasklet) = false;
  tasklet_struct_data(tasklet) = data;
}
// Takes the "scheduled" bit for good, so that nobody schedules it any more, and waits for its end.
KAPI(tasklet_kill, Real, void, (k::tasklet_struct * tasklet)) {
  if (in_interrupt()) kernel_print(KERN_NOTICE "Attempt to kill tasklet from interrupt\n");
  while (state_of(tasklet).fetch_or(kScheduled) & kScheduled) wait_for_state(tasklet, kScheduled);
  wait_for_state(tasklet, kRunning);
  clear_state(tasklet, kScheduled);
}
KAPI(tasklet_unlock, Real, void, (k::tasklet_struct * tasklet)) { clear_state(tasklet, kRunning); }
KAPI(tasklet_unlock_wait, Real, void, (k::tasklet_struct * tasklet)) {
  wait_for_state(tasklet, kRunning);
}
KAPI(tasklet_unlock_spin_wait, Real, void, (k::tasklet_struct * tasklet)) {
  Spinner spinner;
  while (state_of(tasklet).load() & kRunning)
    if (!spinner.turn()) return;
}

}  // namespace
}  // namespace ring3::kernel
