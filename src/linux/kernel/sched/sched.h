// SPDX-License-Identifier: GPL-2.0-only
// How the boot code brings tasks, time, softirqs and work to life, and ends them.
#pragma once

#include "kapi/binding.h"
#include "machine/machine.h"

namespace ring3::kernel {

// Where Linux's current_task and __preempt_count lie in a per-CPU area of this target: variables of
// their own, or members of pcpu_hot since v6.2 (e57ef2ed97c1).
uint64_t current_task_offset(const kapi::Binding& binding);
uint64_t preempt_count_offset(const kapi::Binding& binding);
// The tick: CONFIG_HZ of the target.
unsigned ticks_per_second(const target::Target& target);

// Before the CPUs start, memory and exported data being there: hooks, idle tasks, the time.
void sched_init(machine::Machine& machine, const kapi::Binding& binding);
// After they started: init, kthreadd and the other threads that a kernel always has.
void sched_start();
// After they stopped, before memory goes.
void sched_exit();

// The parts of the above.
void tasks_init(machine::Machine& machine, const kapi::Binding& binding);
void tasks_start();
void tasks_exit();
void time_init(machine::Machine& machine, const kapi::Binding& binding);
void timers_init();
void time_exit();
void wait_bit_init();
void hrtimers_init(const kapi::Binding& binding);

void softirq_init(machine::Machine& machine);
void softirq_start();
void smp_init(machine::Machine& machine);
void rcu_init();
void rcu_start();
void workqueue_init();
void workqueue_exit();
// BH work of this CPU, in its softirq.
void workqueue_softirq(bool high);

}  // namespace ring3::kernel
