// SPDX-License-Identifier: GPL-2.0-only
// INIT_WORK() for runtime code whose structs have a work_struct inside. The workqueues themselves
// are kernel/workqueue.cc's; others reach them by the names that modules use.
#pragma once

#include "kapi/field.h"
#include "linux/include/kernel.h"
#include "linux/include/list.h"
#include "target/target.h"

namespace ring3::kernel {

struct WorkPlaces {  // of struct work_struct
  void* data;
  void* entry;
  void* func;
};

inline void init_work(const WorkPlaces& work, void (*function)()) {
  const target::Target& target = running().binding->target();
  uint64_t none = target.enumerator("WORK_OFFQ_POOL_NONE").value_or(0);
  uint64_t shift = target.enumerator("WORK_OFFQ_POOL_SHIFT").value_or(0);
  *static_cast<uint64_t*>(work.data) = none << shift;  // WORK_STRUCT_NO_POOL
  list_init(work.entry);
  *static_cast<void (**)()>(work.func) = function;
}

}  // namespace ring3::kernel
