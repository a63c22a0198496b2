// SPDX-License-Identifier: GPL-2.0-only
// Work for runtime code, and what the files of the workqueue API share: struct work_struct is what
// a module owns, its data word is the engine's (machine/work.h), its entry stays unused.
#pragma once

#include "linux/include/sched.h"
#include "machine/work.h"

namespace ring3::k {
struct work_struct;
struct delayed_work;
struct rcu_work;
struct execute_work;
struct workqueue_struct;
struct timer_list;
}  // namespace ring3::k

namespace ring3::kernel {

KSIZE(work_struct);
KPLACE(work_struct, data, data);
KFIELD(work_struct, func, void (*)(k::work_struct*));

// Flags of alloc_workqueue() (include/linux/workqueue.h), equal in all targets that have them.
inline constexpr unsigned kWorkBh = 1, kWorkUnbound = 2, kWorkReclaim = 8, kWorkHigh = 0x10,
                          kWorkCpuIntensive = 0x20, kWorkDestroying = 0x8000,
                          kWorkOrdered = 0x20000, kWorkLegacy = 0x40000;

// What a module's workqueue_struct* points at; it never looks inside.
struct WorkQueueFace {
  machine::WorkQueue* queue;
  unsigned flags;
  std::atomic<int> drainers;
  char name[32];
};
inline WorkQueueFace& face_of(k::workqueue_struct* queue) {
  return *reinterpret_cast<WorkQueueFace*>(queue);
}

machine::WorkEngine& work_engine();
// Work items can be disabled in this target (disable_work, since v6.10).
bool work_can_be_disabled();

inline machine::WorkWord* word_of(const k::work_struct* work) {
  return static_cast<machine::WorkWord*>(work_struct_data(work));
}
inline k::work_struct* work_of(const machine::WorkWord* word) {
  return reinterpret_cast<k::work_struct*>(reinterpret_cast<uint64_t>(word) -
                                           kfield_work_struct_data.offset);
}
inline void init_work(k::work_struct* work, void (*function)(k::work_struct*)) {
  *word_of(work) = 0;
  work_struct_func(work) = function;
}

// queue_work_on(); kAnyCpu: the calling one.
bool queue_work(unsigned cpu, k::workqueue_struct* queue, k::work_struct* work);
bool flush_work(k::work_struct* work);
// Linux's check_flush_dependency(); `work`: only this one is waited for.
void check_flush(machine::WorkQueue* target, const k::work_struct* work);
k::workqueue_struct* system_work_queue();
k::workqueue_struct* unbound_work_queue();
// Asynchronous calls that the machine's end left behind (async.cc).
void async_exit();

}  // namespace ring3::kernel
