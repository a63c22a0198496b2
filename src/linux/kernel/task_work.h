// SPDX-License-Identifier: GPL-2.0-only
// Functions that a task runs before it returns to user mode.
#pragma once

namespace ring3::kernel {

// By the task itself, where nothing is held. `for_good`: it ends, and takes no more.
void task_work_run(bool for_good);

}  // namespace ring3::kernel
