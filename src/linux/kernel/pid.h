// SPDX-License-Identifier: GPL-2.0-only
// struct pid of a task, made when somebody asks for it.
#pragma once

#include "linux/include/sched.h"

namespace ring3::kernel {

// With no reference of the caller's: valid as long as the task's struct.
k::pid* pid_of(k::task_struct* task);
// The task_struct goes away.
void pid_free(k::task_struct* task);

}  // namespace ring3::kernel
