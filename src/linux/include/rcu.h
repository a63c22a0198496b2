// SPDX-License-Identifier: GPL-2.0-only
// Read-copy-update for runtime code.
#pragma once

#include <functional>

#include "linux/include/sched.h"

namespace ring3::kernel {

// Runs `fn` in a task's context after every reader that exists now has left; at once while no CPU
// runs (boot, the machine's end).
void rcu_defer(std::function<void()> fn);
void rcu_synchronize();
void rcu_read_lock();
void rcu_read_unlock();
// A task ends; whatever section it stands in ends as well.
void rcu_task_exits(k::task_struct* task);
// The tick or another interrupt found this CPU's task preemptible.
void rcu_note_interrupt(machine::Cpu& cpu);

}  // namespace ring3::kernel
