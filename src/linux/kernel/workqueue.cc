// SPDX-License-Identifier: GPL-2.0-only
#include "linux/kernel/sched/sched.h"
namespace ring3::kernel {
void workqueue_init() {}
void workqueue_exit() {}
}  // namespace ring3::kernel
