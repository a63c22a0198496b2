// SPDX-License-Identifier: GPL-2.0-only
// A sleeping lock in one word, its owner: what mutex, rt_mutex and ww_mutex are made of.
#pragma once

#include "kapi/field.h"
#include "linux/include/list.h"
#include "linux/include/sched.h"

namespace ring3::kernel {

KPLACE(mutex, owner, owner);

// The holder's task_struct, 0 when free; bit 0: others wait.
using OwnerWord = std::atomic<uint64_t>;
inline OwnerWord& mutex_word(const void* mutex) { return word<uint64_t>(mutex_owner(mutex)); }

bool owner_try(OwnerWord& owner);
// 0, -EINTR when the state allows signals and one came, or -ETIME.
int owner_take(OwnerWord& owner, unsigned state, uint64_t deadline_ns = ~0ull);
void owner_release(OwnerWord& owner);
bool owner_held(const OwnerWord& owner);

}  // namespace ring3::kernel
