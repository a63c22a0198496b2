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
// kthread_create(), kthread_stop() and kthread_should_stop().
k::task_struct* kthread_create(int (*function)(void*), void* data, const char* name);
void kthread_bind(k::task_struct* task, unsigned cpu);
int kthread_stop(k::task_struct* task);
bool kthread_should_stop();
// The running task ends: whoever waits in kthread_stop() goes on.
void kthread_exits(k::task_struct* task, bool killed);
void kthread_free(Kthread* thread);
void kthreads_exit();

}  // namespace ring3::kernel
