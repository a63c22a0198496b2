// SPDX-License-Identifier: GPL-2.0-only
#include "linux/kernel/notifier.h"

#include <cerrno>

#include "kapi/field.h"
#include "kapi/kapi.h"
#include "linux/include/printk.h"
#include "machine/spinlock.h"

namespace ring3::k {
struct atomic_notifier_head;
struct blocking_notifier_head;
struct raw_notifier_head;
struct srcu_notifier_head;
}  // namespace ring3::k

namespace ring3::kernel {
namespace {

KPLACE(atomic_notifier_head, head, head);
KPLACE(blocking_notifier_head, head, head);
KPLACE(raw_notifier_head, head, head);
KPLACE(srcu_notifier_head, head, head);

// Guards the links of all chains: registering is rare. Calls run without it, so that a block may
// register others; a block that is removed meanwhile keeps its `next`, as under RCU.
machine::SpinLock chains_lock;

NotifierHead* chain(void* place) { return static_cast<NotifierHead*>(place); }

#define CHAIN(type)                                                            \
  KAPI(type##_notifier_chain_register, Real, int,                              \
       (k::type##_notifier_head * head, k::notifier_block * block)) {          \
    return add_notifier(chain(type##_notifier_head_head(head)), block, false); \
  }                                                                            \
  KAPI(type##_notifier_chain_unregister, Real, int,                            \
       (k::type##_notifier_head * head, k::notifier_block * block)) {          \
    return remove_notifier(chain(type##_notifier_head_head(head)), block);     \
  }
#define CALL_CHAIN(type)                                                         \
  KAPI(type##_notifier_call_chain, Real, int,                                    \
       (k::type##_notifier_head * head, unsigned long action, void* data)) {     \
    return call_notifiers(chain(type##_notifier_head_head(head)), action, data); \
  }
CHAIN(atomic)
CHAIN(blocking)
CHAIN(raw)
CHAIN(srcu)
CALL_CHAIN(atomic)
CALL_CHAIN(blocking)
CALL_CHAIN(raw)
CALL_CHAIN(srcu)
#undef CHAIN
#undef CALL_CHAIN

KAPI(atomic_notifier_chain_register_unique_prio, Real, int,
     (k::atomic_notifier_head * head, k::notifier_block* block)) {
  return add_notifier(chain(atomic_notifier_head_head(head)), block, true);
}
KAPI(blocking_notifier_chain_register_unique_prio, Real, int,
     (k::blocking_notifier_head * head, k::notifier_block* block)) {
  return add_notifier(chain(blocking_notifier_head_head(head)), block, true);
}

}  // namespace

int add_notifier(NotifierHead* head, k::notifier_block* block, bool unique_priority) {
  machine::SpinGuard guard(chains_lock);
  for (; *head; head = &(*head)->next) {
    if (*head == block) {
      kernel_warning("notifier callback %ps already registered",
                     reinterpret_cast<void*>(block->call));
      return -EEXIST;
    }
    if (block->priority > (*head)->priority) break;
    if (unique_priority && block->priority == (*head)->priority) return -EBUSY;
  }
  block->next = *head;
  *head = block;
  return 0;
}

int remove_notifier(NotifierHead* head, k::notifier_block* block) {
  machine::SpinGuard guard(chains_lock);
  for (; *head; head = &(*head)->next) {
    if (*head != block) continue;
    *head = block->next;
    return 0;
  }
  return -ENOENT;
}

int call_notifiers(NotifierHead* head, unsigned long action, void* data, int limit, int* called) {
  int answer = kNotifyDone;
  k::notifier_block* next;
  for (k::notifier_block* block = *head; block && limit != 0; block = next, limit--) {
    next = block->next;  // it may remove itself
    answer = block->call(block, action, data);
    if (called) ++*called;
    if (answer & kNotifyStopMask) break;
  }
  return answer;
}

}  // namespace ring3::kernel
