// SPDX-License-Identifier: GPL-2.0-only
// struct wait_queue_head and wait_queue_entry, for the files that keep them.
#pragma once

#include "kapi/field.h"
#include "linux/include/sched.h"

namespace ring3::k {
struct wait_queue_head;
struct wait_queue_entry;
}  // namespace ring3::k

namespace ring3::kernel {

KSIZE(wait_queue_head);
KPLACE(wait_queue_head, lock, lock);
KPLACE(wait_queue_head, head, head);
KFIELD(wait_queue_entry, flags, unsigned);
KFIELD_PATH(wait_queue_entry, private, task, void*);  // its name is a C++ keyword
KFIELD(wait_queue_entry, func, int (*)(k::wait_queue_entry*, unsigned, int, void*));
KPLACE(wait_queue_entry, entry, entry);

// autoremove_wake_function() for other functions like it; the head's lock held.
int autoremove_wake(k::wait_queue_entry* entry, unsigned states);
// The running task is a kernel thread that shall stop or park.
bool kthread_wants_end();

}  // namespace ring3::kernel
