// SPDX-License-Identifier: GPL-2.0-only
// Wait queues for runtime code: the functions that modules call, on the same structs.
#pragma once

#include "linux/include/sched.h"

namespace ring3::k {
struct wait_queue_head;
struct wait_queue_entry;
}  // namespace ring3::k

namespace ring3::kernel {

void waitqueue_init(k::wait_queue_head* head);
// wake_up(), with Linux's arguments: which states, how many exclusive ones (0: all), for whom.
int wake_up(k::wait_queue_head* head, unsigned states, int exclusive, void* key);
void prepare_to_wait(k::wait_queue_head* head, k::wait_queue_entry* entry, unsigned state,
                     bool exclusive);
void finish_wait(k::wait_queue_head* head, k::wait_queue_entry* entry);

}  // namespace ring3::kernel
