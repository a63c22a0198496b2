// SPDX-License-Identifier: GPL-2.0-only
// Work items: queueing, delaying, cancelling, disabling, waiting.
//
// The pending bit of an item's data word says who owns it. Whoever sets it queues the item, or
// starts its timer; "grabbing" is getting the bit, from the timer or a list if need be. Modules'
// inlined code reads it (work_pending()) and sets the word up (INIT_WORK()), nothing more. Where
// items can be disabled the word also counts how often they were, in the bits that INIT_WORK()
// leaves zero.
#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/bug.h"
#include "linux/include/format.h"
#include "linux/include/kernel.h"
#include "linux/include/rcu.h"
#include "linux/include/time.h"
#include "linux/kernel/workqueue.h"
#include "machine/parking.h"

namespace ring3::kernel {

KPLACE(delayed_work, work, work);
KPLACE(delayed_work, timer, timer);
KFIELD(delayed_work, wq, k::workqueue_struct*);
KFIELD(delayed_work, cpu, int);
KPLACE(rcu_work, work, work);
KPLACE(execute_work, work, work);

namespace {

using machine::WorkWord;

constexpr char kFile[] = "kernel/workqueue.c";
constexpr unsigned kDisableShift = 5, kDisableBits = 16;  // WORK_OFFQ_DISABLE_SHIFT, _BITS
constexpr unsigned long kDisableOne = 1ul << kDisableShift;
constexpr unsigned long kDisableMask = ((1ul << kDisableBits) - 1) << kDisableShift;

k::work_struct* work_of_delayed(k::delayed_work* delayed) {
  return static_cast<k::work_struct*>(delayed_work_work(delayed));
}
k::timer_list* timer_of(k::delayed_work* delayed) {
  return static_cast<k::timer_list*>(delayed_work_timer(delayed));
}

bool set_pending(WorkWord* word) {
  return !(word->fetch_or(machine::kWorkPending) & machine::kWorkPending);
}
void clear_pending(WorkWord* word) { word->fetch_and(~machine::kWorkPending); }

bool may_not_queue(WorkWord* word) {
  return work_engine().blocked(word) ||
         (work_can_be_disabled() && (word->load() & kDisableMask) != 0);
}

// The pending bit is the caller's. A queue that drains takes only what its own items queue.
void queue_owned(unsigned cpu, k::workqueue_struct* queue, k::work_struct* work) {
  WorkQueueFace& face = face_of(queue);
  bool closed = (face.flags & kWorkDestroying) || face.drainers.load() > 0;
  if (closed && work_engine().current_queue() != face.queue) {
    char text[128];
    format_text(text, sizeof(text), "workqueue: cannot queue %ps on wq %s\n",
                reinterpret_cast<void*>(work_struct_func(work)), face.name);
    RING3_WARN_ONCE(kFile, 0, "__queue_work", text);
    return clear_pending(word_of(work));  // Linux leaves it set, and the item unusable
  }
  work_engine().enqueue(face.queue, word_of(work), cpu);
}

bool take_to_queue(WorkWord* word) {
  if (!set_pending(word)) return false;
  if (!may_not_queue(word)) return true;
  clear_pending(word);
  return false;
}

void start_delayed(unsigned cpu, k::workqueue_struct* queue, k::delayed_work* delayed,
                   unsigned long delay) {
  if (!delay) return queue_owned(cpu, queue, work_of_delayed(delayed));
  delayed_work_wq(delayed) = queue;
  delayed_work_cpu(delayed) = static_cast<int>(cpu);
  timer_mod(timer_of(delayed), jiffies() + delay);
}

// Makes the pending bit the caller's. True: the item was queued or its timer ran.
bool grab(k::work_struct* work, k::delayed_work* delayed) {
  Spinner spinner;
  while (true) {
    if (delayed && timer_delete(timer_of(delayed), false)) return true;
    if (set_pending(word_of(work))) return false;
    if (work_engine().take_back(word_of(work))) return true;
    if (!spinner.turn()) return false;  // somebody is between the bit and the list
  }
}

bool cancel(k::work_struct* work, k::delayed_work* delayed) {
  bool was = grab(work, delayed);
  clear_pending(word_of(work));
  return was;
}

void wait_for_running(k::work_struct* work) {
  if (preempt_count() == 0) {
    might_sleep();
    work_engine().wait_for_running(word_of(work));
    return;
  }
  // A BH item may be waited for in atomic context.
  Spinner spinner;
  while (work_engine().state(word_of(work)).running)
    if (!spinner.turn()) return;
}

// While somebody waits for its end the item cannot be queued, not even by itself.
bool cancel_and_wait(k::work_struct* work, k::delayed_work* delayed) {
  work_engine().block(word_of(work), true);
  bool was = cancel(work, delayed);
  wait_for_running(work);
  work_engine().block(word_of(work), false);
  return was;
}

bool disable(k::work_struct* work, k::delayed_work* delayed) {
  bool was = grab(work, delayed);
  WorkWord* word = word_of(work);
  if ((word->load() & kDisableMask) == kDisableMask)
    RING3_WARN_ONCE(kFile, 0, "work_offqd_disable", "workqueue: work disable count overflowed\n");
  else
    word->fetch_add(kDisableOne);
  clear_pending(word);
  return was;
}

// Whether it can be queued again.
bool enable(k::work_struct* work) {
  WorkWord* word = word_of(work);
  unsigned long seen = word->load();
  while (seen & kDisableMask)
    if (word->compare_exchange_weak(seen, seen - kDisableOne))
      return ((seen - kDisableOne) & kDisableMask) == 0;
  RING3_WARN_ONCE(kFile, 0, "work_offqd_enable", "workqueue: work disable count underflowed\n");
  return true;
}

}  // namespace

bool queue_work(unsigned cpu, k::workqueue_struct* queue, k::work_struct* work) {
  if (!take_to_queue(word_of(work))) return false;
  queue_owned(cpu, queue, work);
  return true;
}

bool flush_work(k::work_struct* work) {
  if (!work_struct_func(work)) {
    warn_report(kFile, 0, "__flush_work", "");
    return false;
  }
  might_sleep();
  check_flush(work_engine().queue_of(word_of(work)), work);
  return work_engine().wait_for_item(word_of(work));
}

namespace {

KAPI(queue_work_on, Real, bool, (int cpu, k::workqueue_struct* queue, k::work_struct* work)) {
  return queue_work(static_cast<unsigned>(cpu), queue, work);
}
KAPI(queue_work_node, Real, bool, (int node, k::workqueue_struct* queue, k::work_struct* work)) {
  if (!(face_of(queue).flags & kWorkUnbound)) RING3_WARN_ONCE(kFile, 0, "queue_work_node", "");
  return queue_work(machine::kAnyCpu, queue, work);
}
KAPI(flush_work, Real, bool, (k::work_struct * work)) { return flush_work(work); }
KAPI(cancel_work, Real, bool, (k::work_struct * work)) { return cancel(work, nullptr); }
KAPI(cancel_work_sync, Real, bool, (k::work_struct * work)) {
  return cancel_and_wait(work, nullptr);
}
KAPI(work_busy, Real, unsigned, (k::work_struct * work)) {
  constexpr unsigned kBusyPending = 1, kBusyRunning = 2;
  return (word_of(work)->load() & machine::kWorkPending ? kBusyPending : 0) |
         (work_engine().state(word_of(work)).running ? kBusyRunning : 0);
}
KAPI(execute_in_process_context, Real, int,
     (void (*function)(k::work_struct*), k::execute_work* execute)) {
  auto* work = static_cast<k::work_struct*>(execute_work_work(execute));
  if (!in_interrupt()) {
    function(work);
    return 0;
  }
  init_work(work, function);
  queue_work(machine::kAnyCpu, system_work_queue(), work);
  return 1;
}

KAPI(delayed_work_timer_fn, Real, void, (k::timer_list * timer)) {
  auto* delayed = reinterpret_cast<k::delayed_work*>(reinterpret_cast<uint64_t>(timer) -
                                                     kfield_delayed_work_timer.offset);
  queue_owned(static_cast<unsigned>(delayed_work_cpu(delayed)), delayed_work_wq(delayed),
              work_of_delayed(delayed));
}
KAPI(queue_delayed_work_on, Real, bool,
     (int cpu, k::workqueue_struct* queue, k::delayed_work* delayed, unsigned long delay)) {
  if (!take_to_queue(word_of(work_of_delayed(delayed)))) return false;
  start_delayed(static_cast<unsigned>(cpu), queue, delayed, delay);
  return true;
}
KAPI(mod_delayed_work_on, Real, bool,
     (int cpu, k::workqueue_struct* queue, k::delayed_work* delayed, unsigned long delay)) {
  k::work_struct* work = work_of_delayed(delayed);
  bool was = grab(work, delayed);
  if (may_not_queue(word_of(work)))
    clear_pending(word_of(work));
  else
    start_delayed(static_cast<unsigned>(cpu), queue, delayed, delay);
  return was;
}
KAPI(flush_delayed_work, Real, bool, (k::delayed_work * delayed)) {
  if (timer_delete(timer_of(delayed), true))
    queue_owned(static_cast<unsigned>(delayed_work_cpu(delayed)), delayed_work_wq(delayed),
                work_of_delayed(delayed));
  return flush_work(work_of_delayed(delayed));
}
KAPI(cancel_delayed_work, Real, bool, (k::delayed_work * delayed)) {
  return cancel(work_of_delayed(delayed), delayed);
}
KAPI(cancel_delayed_work_sync, Real, bool, (k::delayed_work * delayed)) {
  return cancel_and_wait(work_of_delayed(delayed), delayed);
}

KAPI(disable_work, Real, bool, (k::work_struct * work)) { return disable(work, nullptr); }
KAPI(disable_work_sync, Real, bool, (k::work_struct * work)) {
  bool was = disable(work, nullptr);
  wait_for_running(work);
  return was;
}
KAPI(enable_work, Real, bool, (k::work_struct * work)) { return enable(work); }
KAPI(disable_delayed_work, Real, bool, (k::delayed_work * delayed)) {
  return disable(work_of_delayed(delayed), delayed);
}
KAPI(disable_delayed_work_sync, Real, bool, (k::delayed_work * delayed)) {
  bool was = disable(work_of_delayed(delayed), delayed);
  wait_for_running(work_of_delayed(delayed));
  return was;
}
KAPI(enable_delayed_work, Real, bool, (k::delayed_work * delayed)) {
  return enable(work_of_delayed(delayed));
}

// Queued when a grace period is over.
KAPI(queue_rcu_work, Real, bool, (k::workqueue_struct * queue, k::rcu_work* rcu)) {
  auto* work = static_cast<k::work_struct*>(rcu_work_work(rcu));
  if (!take_to_queue(word_of(work))) return false;
  rcu_defer([queue, work] { queue_owned(machine::kAnyCpu, queue, work); });
  return true;
}
KAPI(flush_rcu_work, Real, bool, (k::rcu_work * rcu)) {
  auto* work = static_cast<k::work_struct*>(rcu_work_work(rcu));
  if (!(word_of(work)->load() & machine::kWorkPending)) return flush_work(work);
  // Behind the callback that queues it.
  std::atomic<bool> passed{false};
  rcu_defer([&passed] {
    machine::Parking::unpark(
        &passed, [](uintptr_t) { return machine::Parking::Decision::kWake; },
        [&passed](unsigned) { passed = true; });
  });
  might_sleep();
  while (!passed) machine::Parking::park({.key = &passed}, [&passed] { return !passed.load(); });
  flush_work(work);
  return true;
}

}  // namespace
}  // namespace ring3::kernel
