// SPDX-License-Identifier: GPL-2.0-only
// Simple wait queues: a lock and a list of tasks, in the module's memory. (Completions contain one
// but wait without it.)
#include "kapi/kapi.h"
#include "linux/include/list.h"
#include "linux/include/sched.h"

namespace ring3::k {
struct swait_queue_head;
struct swait_queue;
struct lock_class_key;
}  // namespace ring3::k

namespace ring3::kernel {

KPLACE(swait_queue_head, lock, lock);
KPLACE(swait_queue_head, task_list, list);
KPLACE(swait_queue, task_list, node);
KFIELD(swait_queue, task, k::task_struct*);

namespace {

const void* lock_of(k::swait_queue_head* head) { return swait_queue_head_lock(head); }

void wake_one(k::swait_queue_head* head) {
  void* list = swait_queue_head_list(head);
  if (list_empty(list)) return;
  void* node = list_next(list);
  auto* waiter = reinterpret_cast<k::swait_queue*>(reinterpret_cast<uint64_t>(node) -
                                                   kfield_swait_queue_node.offset);
  wake_up_state(swait_queue_task(waiter), kTaskNormal);
  list_del_init(node);
}
void add(k::swait_queue_head* head, k::swait_queue* waiter) {
  swait_queue_task(waiter) = current();
  if (list_empty(swait_queue_node(waiter)))
    list_add_tail(swait_queue_node(waiter), swait_queue_head_list(head));
}

KAPI(__init_swait_queue_head, Real, void,
     (k::swait_queue_head * head, const char* name, k::lock_class_key* key)) {
  word<uint32_t>(lock_of(head)) = 0;
  list_init(swait_queue_head_list(head));
}
namespace without_flags {
KAPI(swake_up_locked, Real, void, (k::swait_queue_head * head)) { wake_one(head); }
}  // namespace without_flags
namespace with_flags {  // since v6.6
KAPI(swake_up_locked, Real, void, (k::swait_queue_head * head, int flags)) { wake_one(head); }
}  // namespace with_flags
KAPI(swake_up_one, Real, void, (k::swait_queue_head * head)) {
  IrqSpinGuard guard(lock_of(head));
  wake_one(head);
}
KAPI(swake_up_all, Real, void, (k::swait_queue_head * head)) {
  IrqSpinGuard guard(lock_of(head));
  while (!list_empty(swait_queue_head_list(head))) wake_one(head);
}
KAPI(prepare_to_swait_exclusive, Real, void,
     (k::swait_queue_head * head, k::swait_queue* waiter, int state)) {
  IrqSpinGuard guard(lock_of(head));
  add(head, waiter);
  set_current_state(static_cast<unsigned>(state));
}
KAPI(prepare_to_swait_event, Real, long,
     (k::swait_queue_head * head, k::swait_queue* waiter, int state)) {
  IrqSpinGuard guard(lock_of(head));
  if (signal_pending(static_cast<unsigned>(state))) {
    list_del_init(swait_queue_node(waiter));
    return -kErrorRestart;
  }
  add(head, waiter);
  set_current_state(static_cast<unsigned>(state));
  return 0;
}
KAPI(finish_swait, Real, void, (k::swait_queue_head * head, k::swait_queue* waiter)) {
  set_current_state(kTaskRunning);
  if (list_empty_careful(swait_queue_node(waiter))) return;
  IrqSpinGuard guard(lock_of(head));
  list_del_init(swait_queue_node(waiter));
}

}  // namespace
}  // namespace ring3::kernel
