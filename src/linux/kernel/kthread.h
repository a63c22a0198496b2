// SPDX-License-Identifier: GPL-2.0-only
// Kernel threads for runtime code: those that the machine itself has.
#pragma once

#include <functional>
#include <string>

#include "linux/include/sched.h"

namespace ring3::kernel {

inline constexpr unsigned kKthreadFlag = 0x00200000;  // PF_KTHREAD

struct Kthread;

// A thread of the runtime's own; runs at once, may be sleeping when the machine stops.
machine::Task* start_kernel_thread(const std::string& name, uint64_t cpus,
                                   std::function<void()> body);
// The running task ends: whoever waits in kthread_stop() goes on.
void kthread_exits(k::task_struct* task, bool killed);
void kthread_free(Kthread* thread);
void kthreads_exit();

}  // namespace ring3::kernel
