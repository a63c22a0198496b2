// SPDX-License-Identifier: GPL-2.0-only
// refcount_t and lockref: what is not inlined of them.
#include "kapi/kapi.h"
#include "linux/include/bug.h"
#include "linux/include/kernel.h"
#include "linux/include/printk.h"
#include "linux/include/sched.h"

namespace ring3::k {
struct refcount_struct;
struct rcuref_t;
struct spinlock;
struct lockref;
}  // namespace ring3::k

namespace ring3::kernel {

KPLACE(lockref, lock, lock);
KFIELD(lockref, count, int);

namespace {

constexpr int kSaturated = INT32_MIN / 2;  // REFCOUNT_SATURATED

// enum refcount_saturation_type.
KAPI(refcount_warn_saturate, Real, void, (k::refcount_struct * count, unsigned kind)) {
  word<int>(count).store(kSaturated);
  constexpr const char* kFile = "lib/refcount.c";
  constexpr const char* kFunction = "refcount_warn_saturate";
  switch (kind) {
    case 0:
      RING3_WARN_ONCE(kFile, 19, kFunction, "refcount_t: saturated; leaking memory.\n");
      break;
    case 1:
      RING3_WARN_ONCE(kFile, 22, kFunction, "refcount_t: saturated; leaking memory.\n");
      break;
    case 2:
      RING3_WARN_ONCE(kFile, 25, kFunction, "refcount_t: addition on 0; use-after-free.\n");
      break;
    case 3:
      RING3_WARN_ONCE(kFile, 28, kFunction, "refcount_t: underflow; use-after-free.\n");
      break;
    case 4:
      RING3_WARN_ONCE(kFile, 31, kFunction, "refcount_t: decrement hit 0; leaking memory.\n");
      break;
    default:
      RING3_WARN_ONCE(kFile, 34, kFunction, "refcount_t: unknown saturation event!?.\n");
  }
}
KAPI(refcount_dec_if_one, Real, bool, (k::refcount_struct * count)) {
  int one = 1;
  return word<int>(count).compare_exchange_strong(one, 0);
}
bool decrement_unless_one(k::refcount_struct* count) {
  int old = word<int>(count).load();
  do {
    if (old == kSaturated) return true;
    if (old == 1) return false;
    if (old - 1 > old) return true;
  } while (!word<int>(count).compare_exchange_weak(old, old - 1));
  return true;
}
bool decrement_and_test(k::refcount_struct* count) {
  int old = word<int>(count).fetch_sub(1);
  if (old <= 0) kapi_body_refcount_warn_saturate(count, 3);
  return old == 1;
}
KAPI(refcount_dec_not_one, Real, bool, (k::refcount_struct * count)) {
  return decrement_unless_one(count);
}
KAPI(refcount_dec_and_lock, Real, bool, (k::refcount_struct * count, k::spinlock* lock)) {
  if (decrement_unless_one(count)) return false;
  preempt_disable();
  spin_lock_word(lock);
  if (decrement_and_test(count)) return true;
  spin_unlock_word(lock);
  preempt_enable();
  return false;
}
KAPI(refcount_dec_and_lock_irqsave, Real, bool,
     (k::refcount_struct * count, k::spinlock* lock, unsigned long* flags)) {
  if (decrement_unless_one(count)) return false;
  *flags = interrupts_save();
  preempt_disable();
  spin_lock_word(lock);
  if (decrement_and_test(count)) return true;
  spin_unlock_word(lock);
  interrupts_restore(*flags);
  preempt_enable();
  return false;
}

// lockref: Linux changes lock and count in one word when the lock is free; here the lock is taken.
template <class Change>
int with_lockref(k::lockref* ref, Change&& change) {
  preempt_disable();
  spin_lock_word(lockref_lock(ref));
  int result = change(lockref_count(ref));
  spin_unlock_word(lockref_lock(ref));
  preempt_enable();
  return result;
}
KAPI(lockref_get, Real, void, (k::lockref * ref)) {
  with_lockref(ref, [](int& count) { return ++count; });
}
KAPI(lockref_get_not_zero, Real, int, (k::lockref * ref)) {
  return with_lockref(ref, [](int& count) { return count > 0 ? (count++, 1) : 0; });
}
KAPI(lockref_get_not_dead, Real, int, (k::lockref * ref)) {
  return with_lockref(ref, [](int& count) { return count >= 0 ? (count++, 1) : 0; });
}
KAPI(lockref_put_not_zero, Real, int, (k::lockref * ref)) {
  return with_lockref(ref, [](int& count) { return count > 1 ? (count--, 1) : 0; });
}
KAPI(lockref_put_return, Real, int, (k::lockref * ref)) {
  return with_lockref(ref, [](int& count) { return count > 0 ? --count : -1; });
}
// 0: the count would fall to zero, so the lock is held instead.
KAPI(lockref_put_or_lock, Real, int, (k::lockref * ref)) {
  preempt_disable();
  spin_lock_word(lockref_lock(ref));
  if (lockref_count(ref) <= 1) return 0;
  lockref_count(ref)--;
  spin_unlock_word(lockref_lock(ref));
  preempt_enable();
  return 1;
}
KAPI(lockref_mark_dead, Real, void, (k::lockref * ref)) { lockref_count(ref) = -128; }

// rcuref_t, v6.4 on: counted from RCUREF_NOREF (0xffffffff) up as a signed number; see
// include/linux/rcuref.h for the zones.
constexpr unsigned kMaxRef = 0x7fffffff, kRefSaturated = 0xa0000000, kReleased = 0xc0000000,
                   kDead = 0xe0000000, kNoRef = 0xffffffff;
KAPI(rcuref_get_slowpath, Real, bool, (k::rcuref_t * ref)) {
  std::atomic<unsigned>& count = word<unsigned>(ref);
  unsigned now = count.load();
  if (now >= kReleased) {
    count.store(kDead);
    return false;
  }
  if (now > kMaxRef) count.store(kRefSaturated);
  return true;
}
KAPI(rcuref_put_slowpath, Real, bool, (k::rcuref_t * ref, unsigned now)) {
  std::atomic<unsigned>& count = word<unsigned>(ref);
  if (now == kNoRef) return count.compare_exchange_strong(now, kDead);
  if (now >= kReleased) {
    RING3_WARN_ONCE("lib/rcuref.c", 264, "rcuref_put_slowpath", "rcuref - imbalanced put()\n");
    count.store(kDead);
    return false;
  }
  if (now > kMaxRef) count.store(kRefSaturated);
  return false;
}

}  // namespace
}  // namespace ring3::kernel
