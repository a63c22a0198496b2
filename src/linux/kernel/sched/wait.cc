// SPDX-License-Identifier: GPL-2.0-only
// Wait queues. The lists lie in the modules' memory and are walked by inlined code
// (waitqueue_active()), entries carry functions of their own, so all of it works on Linux's
// structs, under the lock inside the head.
#include "linux/include/wait.h"

#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/list.h"
#include "linux/include/time.h"
#include "linux/kernel/sched/wait_fields.h"

namespace ring3::k {
struct lock_class_key;
struct rcuwait;
}  // namespace ring3::k

namespace ring3::kernel {

KFIELD(rcuwait, task, k::task_struct*);

namespace {

constexpr unsigned kExclusive = 1, kWoken = 2;  // WQ_FLAG_EXCLUSIVE, _WOKEN

// The others moved when WQ_FLAG_BOOKMARK went away, and with it this export.
unsigned priority_flag() {
  static const kapi::Binding* seen = nullptr;
  static unsigned flag = 0;
  if (seen != running().binding) {
    seen = running().binding;
    flag = seen->target().find_export("__wake_up_locked_key_bookmark") ? 0x20 : 0x10;
  }
  return flag;
}

void* head_of(k::wait_queue_head* head) { return wait_queue_head_head(head); }
const void* lock_of(k::wait_queue_head* head) { return wait_queue_head_lock(head); }
k::wait_queue_entry* entry_at(void* node) {
  return reinterpret_cast<k::wait_queue_entry*>(reinterpret_cast<uint64_t>(node) -
                                                kfield_wait_queue_entry_entry.offset);
}
void* node_of(k::wait_queue_entry* entry) { return wait_queue_entry_entry(entry); }

// At the front, but behind those with priority.
void add_front(k::wait_queue_head* head, k::wait_queue_entry* entry) {
  void* place = head_of(head);
  for (void* at = list_next(place); at != head_of(head); at = list_next(at)) {
    if (!(wait_queue_entry_flags(entry_at(at)) & priority_flag())) break;
    place = at;
  }
  list_add(node_of(entry), place);
}
void add_back(k::wait_queue_head* head, k::wait_queue_entry* entry) {
  list_add_tail(node_of(entry), head_of(head));
}

// With the head's lock held. How many exclusive ones were woken.
int wake_locked(k::wait_queue_head* head, unsigned states, int exclusive, int flags, void* key) {
  int woken = 0, left = exclusive;
  for (void *at = list_next(head_of(head)), *next; at != head_of(head); at = next) {
    next = list_next(at);
    k::wait_queue_entry* entry = entry_at(at);
    unsigned entry_flags = wait_queue_entry_flags(entry);
    int result = wait_queue_entry_func(entry)(entry, states, flags, key);
    if (result < 0) break;
    if (!result || !(entry_flags & kExclusive)) continue;
    woken++;
    if (!--left) break;
  }
  return woken;
}

int wake_up_with(k::wait_queue_head* head, unsigned states, int exclusive, int flags, void* key) {
  IrqSpinGuard guard(lock_of(head));
  return wake_locked(head, states, exclusive, flags, key);
}

int wake_default(k::wait_queue_entry* entry, unsigned states) {
  return wake_up_state(static_cast<k::task_struct*>(wait_queue_entry_task(entry)), states);
}

KAPI(default_wake_function, Real, int,
     (k::wait_queue_entry * entry, unsigned states, int flags, void* key)) {
  return wake_default(entry, states);
}
KAPI(autoremove_wake_function, Real, int,
     (k::wait_queue_entry * entry, unsigned states, int flags, void* key)) {
  int woken = wake_default(entry, states);
  if (woken) list_del_init(node_of(entry));
  return woken;
}
KAPI(woken_wake_function, Real, int,
     (k::wait_queue_entry * entry, unsigned states, int flags, void* key)) {
  word<unsigned>(&wait_queue_entry_flags(entry)).fetch_or(kWoken);
  return wake_default(entry, states);
}

}  // namespace

void waitqueue_init(k::wait_queue_head* head) {
  word<uint32_t>(lock_of(head)) = 0;
  list_init(head_of(head));
}
int wake_up(k::wait_queue_head* head, unsigned states, int exclusive, void* key) {
  return wake_up_with(head, states, exclusive, 0, key);
}
void prepare_to_wait(k::wait_queue_head* head, k::wait_queue_entry* entry, unsigned state,
                     bool exclusive) {
  unsigned& flags = wait_queue_entry_flags(entry);
  flags = exclusive ? flags | kExclusive : flags & ~kExclusive;
  IrqSpinGuard guard(lock_of(head));
  if (list_empty(node_of(entry))) exclusive ? add_back(head, entry) : add_front(head, entry);
  set_current_state(state);
}
void finish_wait(k::wait_queue_head* head, k::wait_queue_entry* entry) {
  set_current_state(kTaskRunning);
  // Once a waker has taken the entry off, the head may be gone.
  if (list_empty_careful(node_of(entry))) return;
  IrqSpinGuard guard(lock_of(head));
  list_del_init(node_of(entry));
}
int autoremove_wake(k::wait_queue_entry* entry, unsigned states) {
  return kapi_body_autoremove_wake_function(entry, states, 0, nullptr);
}

namespace {

KAPI(__init_waitqueue_head, Real, void,
     (k::wait_queue_head * head, const char* name, k::lock_class_key* key)) {
  waitqueue_init(head);
}
KAPI(add_wait_queue, Real, void, (k::wait_queue_head * head, k::wait_queue_entry* entry)) {
  wait_queue_entry_flags(entry) &= ~kExclusive;
  IrqSpinGuard guard(lock_of(head));
  add_front(head, entry);
}
KAPI(add_wait_queue_exclusive, Real, void,
     (k::wait_queue_head * head, k::wait_queue_entry* entry)) {
  wait_queue_entry_flags(entry) |= kExclusive;
  IrqSpinGuard guard(lock_of(head));
  add_back(head, entry);
}
KAPI(add_wait_queue_priority, Real, void, (k::wait_queue_head * head, k::wait_queue_entry* entry)) {
  wait_queue_entry_flags(entry) |= kExclusive | priority_flag();
  IrqSpinGuard guard(lock_of(head));
  list_add(node_of(entry), head_of(head));
}
KAPI(remove_wait_queue, Real, void, (k::wait_queue_head * head, k::wait_queue_entry* entry)) {
  IrqSpinGuard guard(lock_of(head));
  list_del(node_of(entry));
}

KAPI(__wake_up, Real, int, (k::wait_queue_head * head, unsigned states, int exclusive, void* key)) {
  return wake_up_with(head, states, exclusive, 0, key);
}
KAPI(__wake_up_locked, Real, void, (k::wait_queue_head * head, unsigned states, int exclusive)) {
  wake_locked(head, states, exclusive, 0, nullptr);
}
KAPI(__wake_up_locked_key, Real, void, (k::wait_queue_head * head, unsigned states, void* key)) {
  wake_locked(head, states, 1, 0, key);
}
KAPI(__wake_up_locked_key_bookmark, Real, void,
     (k::wait_queue_head * head, unsigned states, void* key, k::wait_queue_entry* bookmark)) {
  wake_locked(head, states, 1, 0, key);
}
constexpr int kSync = 0x10;  // WF_SYNC: the waker is about to sleep
KAPI(__wake_up_sync_key, Real, void, (k::wait_queue_head * head, unsigned states, void* key)) {
  if (head) wake_up_with(head, states, 1, kSync, key);
}
KAPI(__wake_up_locked_sync_key, Real, void,
     (k::wait_queue_head * head, unsigned states, void* key)) {
  wake_locked(head, states, 1, kSync, key);
}
KAPI(__wake_up_sync, Real, void, (k::wait_queue_head * head, unsigned states)) {
  if (head) wake_up_with(head, states, 1, kSync, nullptr);
}
KAPI(__wake_up_pollfree, Real, void, (k::wait_queue_head * head)) {
  constexpr uint64_t kHangUpAndFree = 0x10 | 0x4000;  // EPOLLHUP | POLLFREE
  wake_up_with(head, kTaskNormal, 0, 0, reinterpret_cast<void*>(kHangUpAndFree));
}

KAPI(prepare_to_wait, Real, void,
     (k::wait_queue_head * head, k::wait_queue_entry* entry, int state)) {
  prepare_to_wait(head, entry, static_cast<unsigned>(state), false);
}
KAPI(prepare_to_wait_exclusive, Real, bool,
     (k::wait_queue_head * head, k::wait_queue_entry* entry, int state)) {
  wait_queue_entry_flags(entry) |= kExclusive;
  IrqSpinGuard guard(lock_of(head));
  bool was_empty = false;
  if (list_empty(node_of(entry))) {
    was_empty = list_empty(head_of(head));
    add_back(head, entry);
  }
  set_current_state(static_cast<unsigned>(state));
  return was_empty;
}
KAPI(prepare_to_wait_event, Real, long,
     (k::wait_queue_head * head, k::wait_queue_entry* entry, int state)) {
  IrqSpinGuard guard(lock_of(head));
  if (signal_pending(static_cast<unsigned>(state))) {
    // Not on the queue any more, so that an exclusive wake-up goes to somebody who waits.
    list_del_init(node_of(entry));
    return -kErrorRestart;
  }
  if (list_empty(node_of(entry))) {
    if (wait_queue_entry_flags(entry) & kExclusive)
      add_back(head, entry);
    else
      add_front(head, entry);
  }
  set_current_state(static_cast<unsigned>(state));
  return 0;
}
KAPI(finish_wait, Real, void, (k::wait_queue_head * head, k::wait_queue_entry* entry)) {
  finish_wait(head, entry);
}
KAPI(init_wait_entry, Real, void, (k::wait_queue_entry * entry, int flags)) {
  wait_queue_entry_flags(entry) = static_cast<unsigned>(flags);
  wait_queue_entry_task(entry) = current();
  wait_queue_entry_func(entry) = kapi_entry_autoremove_wake_function;
  list_init(node_of(entry));
}
KAPI(wait_woken, Real, long, (k::wait_queue_entry * entry, unsigned state, long timeout)) {
  set_current_state(state);
  std::atomic<unsigned>& flags = word<unsigned>(&wait_queue_entry_flags(entry));
  if (!(flags.load() & kWoken) && !kthread_wants_end()) timeout = schedule_timeout(timeout);
  set_current_state(kTaskRunning);
  flags.fetch_and(~kWoken);
  return timeout;
}

// wait_event_interruptible_locked(): called and left with the head's lock held.
int wait_locked(k::wait_queue_head* head, k::wait_queue_entry* entry, bool irq) {
  if (list_empty(node_of(entry))) add_back(head, entry);
  set_current_state(kTaskInterruptible);
  if (signal_pending(kTaskInterruptible)) return -kErrorRestart;
  spin_unlock_word(lock_of(head));
  if (irq) machine::enable_interrupts();
  preempt_count_sub(1);
  schedule();
  if (irq) machine::disable_interrupts();
  preempt_disable();
  spin_lock_word(lock_of(head));
  return 0;
}
KAPI(do_wait_intr, Real, int, (k::wait_queue_head * head, k::wait_queue_entry* entry)) {
  return wait_locked(head, entry, false);
}
KAPI(do_wait_intr_irq, Real, int, (k::wait_queue_head * head, k::wait_queue_entry* entry)) {
  return wait_locked(head, entry, true);
}

KAPI(rcuwait_wake_up, Real, int, (k::rcuwait * wait)) {
  k::task_struct* task = word<k::task_struct*>(&rcuwait_task(wait)).load();
  return task ? wake_up_state(task, kTaskNormal) : 0;
}
KAPI(finish_rcuwait, Real, void, (k::rcuwait * wait)) {
  word<k::task_struct*>(&rcuwait_task(wait)).store(nullptr);
  set_current_state(kTaskRunning);
}

}  // namespace
}  // namespace ring3::kernel
