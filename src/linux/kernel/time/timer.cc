// SPDX-License-Identifier: GPL-2.0-only
// struct timer_list on the machine's timers. A pending timer has an Armed of ours, found by the
// timer_list's address; the struct itself only shows what inlined code reads: entry.pprev is not
// null while it is pending. So a module that frees a pending timer does not take our lists with it.
//
// The machine's timer runs in the virtual hard interrupt; it queues the Armed for the CPU it runs
// on and raises TIMER_SOFTIRQ, where the module's function is called, as on Linux.
#include <deque>
#include <unordered_map>

#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/list.h"
#include "linux/include/printk.h"
#include "linux/include/softirq.h"
#include "linux/include/time.h"
#include "linux/kernel/sched/sched.h"

namespace ring3::k {
struct hlist_node;
}  // namespace ring3::k

namespace ring3::kernel {

KFIELD_PATH(timer_list, entry.next, entry_next, k::hlist_node*);
KFIELD_PATH(timer_list, entry.pprev, entry_pprev, k::hlist_node**);
KFIELD(timer_list, expires, unsigned long);
KFIELD(timer_list, function, void (*)(k::timer_list*));
KFIELD(timer_list, flags, unsigned);

namespace {

constexpr unsigned kIrqSafe = 0x200000;  // TIMER_IRQSAFE
constexpr unsigned kMaxCpus = 64;

// Belongs to a timer_list while that is pending. Never given back to the host while the machine
// runs: the wheel may be about to call one that was just cancelled.
struct Armed : machine::Timer {
  k::timer_list* timer = nullptr;  // null: unused
  Armed* next = nullptr;           // expired, or free
  bool expired = false;
};

struct State {
  machine::SpinLock lock;  // guards everything here, and the pending mark of every timer_list
  std::deque<Armed> all;
  Armed* unused = nullptr;
  std::unordered_map<const k::timer_list*, Armed*> pending;
  Armed* expired_head[kMaxCpus] = {};
  Armed* expired_tail[kMaxCpus] = {};
  // Whose function runs on a CPU, and where that CPU's serving stands.
  std::atomic<const k::timer_list*> running[kMaxCpus] = {};
};
State timers;

// With the lock held. Takes the timer's Armed away; false when it was not pending.
bool disarm_locked(k::timer_list* timer) {
  auto found = timers.pending.find(timer);
  if (found == timers.pending.end()) return false;
  Armed* armed = found->second;
  timers.pending.erase(found);
  machine_().timers().cancel(armed);
  armed->timer = nullptr;
  if (!armed->expired) {  // an expired one is still in its CPU's list, which will free it
    armed->next = timers.unused;
    timers.unused = armed;
  }
  timer_list_entry_pprev(timer) = nullptr;
  timer_list_entry_next(timer) = reinterpret_cast<k::hlist_node*>(list_poison(2));
  return true;
}

// In the hard interrupt of this CPU.
void expire(machine::Timer* machine_timer) {
  auto* armed = static_cast<Armed*>(machine_timer);
  machine::SpinGuard guard(timers.lock);
  // Cancelled or set anew since the wheel let it go.
  if (!armed->timer || armed->expired || machine_().timers().pending(armed) ||
      armed->deadline_ns > ktime_ns())
    return;
  armed->expired = true;
  armed->next = nullptr;
  Armed*& tail = timers.expired_tail[this_cpu()];
  (tail ? tail->next : timers.expired_head[this_cpu()]) = armed;
  tail = armed;
  raise_softirq(kTimerSoftirq);
}

void run_expired() {
  jiffies();  // functions read the exported copy
  unsigned cpu = this_cpu();
  while (true) {
    k::timer_list* timer = nullptr;
    {
      machine::SpinGuard guard(timers.lock);
      Armed* armed = timers.expired_head[cpu];
      if (!armed) return;
      timers.expired_head[cpu] = armed->next;
      if (!armed->next) timers.expired_tail[cpu] = nullptr;
      armed->expired = false;
      timer = armed->timer;
      if (!timer) {  // cancelled meanwhile
        armed->next = timers.unused;
        timers.unused = armed;
        continue;
      }
      timers.running[cpu] = timer;
      disarm_locked(timer);
    }
    auto function = timer_list_function(timer);
    bool irq_safe = timer_list_flags(timer) & kIrqSafe;
    unsigned before = preempt_count();
    if (function) {
      if (irq_safe) machine::disable_interrupts();
      function(timer);
      if (irq_safe) machine::enable_interrupts();
    }
    if (preempt_count() != before) {
      kernel_print(KERN_WARNING "timer: %pS preempt leak: %08x -> %08x\n",
                   reinterpret_cast<void*>(function), before, preempt_count());
      preempt_count_add(before - preempt_count());
    }
    timers.running[cpu] = nullptr;
  }
}

bool running_elsewhere(const k::timer_list* timer) {
  for (auto& running : timers.running)
    if (running.load() == timer) return true;
  return false;
}

enum class Modify { kAlways, kOnlyPending, kOnlySooner };

int modify(k::timer_list* timer, uint64_t expires, Modify how) {
  machine::SpinGuard guard(timers.lock);
  auto found = timers.pending.find(timer);
  bool pending = found != timers.pending.end();
  if (!pending && how == Modify::kOnlyPending) return 0;
  if (pending && how == Modify::kOnlySooner &&
      static_cast<int64_t>(timer_list_expires(timer) - expires) <= 0)
    return 1;
  if (!timer_list_function(timer)) return 0;  // shut down
  if (pending) disarm_locked(timer);
  Armed* armed = timers.unused;
  if (armed) {
    timers.unused = armed->next;
  } else {
    armed = &timers.all.emplace_back();
    armed->machine::Timer::function = &expire;
  }
  armed->timer = timer;
  armed->expired = false;
  timers.pending[timer] = armed;
  timer_list_expires(timer) = expires;
  timer_list_entry_pprev(timer) = reinterpret_cast<k::hlist_node**>(armed);
  timer_list_entry_next(timer) = nullptr;
  machine_().timers().add(armed, time_of_jiffies(expires));
  return pending;
}

// -1: its function runs. 1: it was pending.
int try_delete(k::timer_list* timer, bool shut_down) {
  machine::SpinGuard guard(timers.lock);
  if (running_elsewhere(timer)) {
    if (shut_down) timer_list_function(timer) = nullptr;
    return -1;
  }
  int was = disarm_locked(timer);
  if (shut_down) timer_list_function(timer) = nullptr;
  return was;
}

int delete_sync(k::timer_list* timer, bool shut_down) {
  Spinner spinner;
  while (true) {
    int was = try_delete(timer, shut_down);
    if (was >= 0) return was;
    // Waiting for a function that this very task interrupted would never end; Linux hangs as well.
    if (!spinner.turn()) return 0;
  }
}

}  // namespace

int timer_mod(k::timer_list* timer, uint64_t expires) {
  return modify(timer, expires, Modify::kAlways);
}

int timer_delete(k::timer_list* timer, bool wait) {
  if (wait) return delete_sync(timer, false);
  machine::SpinGuard guard(timers.lock);
  return disarm_locked(timer);
}

void timers_init() {
  timers.pending.clear();
  timers.all.clear();
  timers.unused = nullptr;
  for (unsigned i = 0; i < kMaxCpus; i++) {
    timers.expired_head[i] = timers.expired_tail[i] = nullptr;
    timers.running[i] = nullptr;
  }
  set_softirq_handler(kTimerSoftirq, run_expired);
}

namespace {

KAPI(init_timer_key, Real, void,
     (k::timer_list * timer, void (*function)(k::timer_list*), unsigned flags, const char* name,
      k::lock_class_key* key)) {
  timer_list_entry_pprev(timer) = nullptr;
  timer_list_function(timer) = function;
  timer_list_flags(timer) = flags | this_cpu();
}
KAPI(mod_timer, Real, int, (k::timer_list * timer, unsigned long expires)) {
  return timer_mod(timer, expires);
}
KAPI(mod_timer_pending, Real, int, (k::timer_list * timer, unsigned long expires)) {
  return modify(timer, expires, Modify::kOnlyPending);
}
KAPI(timer_reduce, Real, int, (k::timer_list * timer, unsigned long expires)) {
  return modify(timer, expires, Modify::kOnlySooner);
}
KAPI(add_timer, Real, void, (k::timer_list * timer)) {
  if (timer_list_entry_pprev(timer)) {
    kernel_warning("ring3: add_timer: the timer of %pS is pending already\n",
                   reinterpret_cast<void*>(timer_list_function(timer)));
    return;
  }
  timer_mod(timer, timer_list_expires(timer));
}
KAPI_ALIAS(add_timer_local, add_timer);
KAPI_ALIAS(add_timer_global, add_timer);
KAPI(add_timer_on, Partial("runs on whichever CPU notices first"), void,
     (k::timer_list * timer, int cpu)) {
  kapi_body_add_timer(timer);
}
KAPI(timer_delete, Real, int, (k::timer_list * timer)) { return timer_delete(timer, false); }
KAPI(timer_delete_sync, Real, int, (k::timer_list * timer)) { return timer_delete(timer, true); }
KAPI(try_to_del_timer_sync, Real, int, (k::timer_list * timer)) { return try_delete(timer, false); }
KAPI(timer_shutdown, Real, int, (k::timer_list * timer)) {
  machine::SpinGuard guard(timers.lock);
  int was = disarm_locked(timer);
  timer_list_function(timer) = nullptr;
  return was;
}
KAPI(timer_shutdown_sync, Real, int, (k::timer_list * timer)) { return delete_sync(timer, true); }
// Older names, still exported by some targets.

}  // namespace
}  // namespace ring3::kernel
