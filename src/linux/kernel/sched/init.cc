// SPDX-License-Identifier: GPL-2.0-only
// The order in which tasks, time, softirqs and work come to life.
#include "linux/include/irq_work.h"
#include "linux/kernel/kthread.h"
#include "linux/kernel/sched/sched.h"

namespace ring3::kernel {

void sched_init(machine::Machine& machine, const kapi::Binding& binding) {
  time_init(machine, binding);
  rcu_init();
  tasks_init(machine, binding);
  softirq_init(machine);
  timers_init();
  hrtimers_init(binding);
  smp_init(machine);
  wait_bit_init();
  workqueue_init();
}

void sched_start() {
  tasks_start();
  softirq_start();
  rcu_start();
}

void sched_exit() {
  rcu_init();  // what is deferred from here on happens at once
  workqueue_exit();
  kthreads_exit();
  tasks_exit();
  time_exit();
}

}  // namespace ring3::kernel
