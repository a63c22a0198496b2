// SPDX-License-Identifier: GPL-2.0-only
// rt_mutex and ww_mutex, on the owner word of mutex.h.
//
// ww_mutex: locks of which a task takes several in any order. Each attempt has a context with a
// stamp; who meets a holder with an older context, and holds other locks already, gets -EDEADLK and
// has to start over. That is Linux's wait-die rule; wound-wait classes follow it here as well.
#include "kapi/kapi.h"
#include "linux/include/time.h"
#include "linux/kernel/locking/mutex.h"

namespace ring3::k {
struct rt_mutex;
struct rt_mutex_base;
struct ww_mutex;
struct ww_acquire_ctx;
}  // namespace ring3::k

namespace ring3::kernel {

KSIZE(rt_mutex);
KSIZE(rt_mutex_base);
KPLACE(rt_mutex, rtmutex, base);
KPLACE(rt_mutex_base, owner, owner);
KPLACE(ww_mutex, base, base);
KFIELD(ww_mutex, ctx, k::ww_acquire_ctx*);
KFIELD(ww_acquire_ctx, stamp, unsigned long);
KFIELD(ww_acquire_ctx, acquired, unsigned);

namespace {

OwnerWord& owner_of(k::rt_mutex* lock) {
  return word<uint64_t>(rt_mutex_base_owner(rt_mutex_base(lock)));
}

constexpr char kNoBoost[] = "no priority inheritance: there are no priorities";
KAPI(rt_mutex_base_init, Partial(kNoBoost), void, (k::rt_mutex_base * lock)) {
  __builtin_memset(static_cast<void*>(lock), 0, sizeof_rt_mutex_base());
}
KAPI(__rt_mutex_init, Partial(kNoBoost), void,
     (k::rt_mutex * lock, const char* name, k::lock_class_key* key)) {
  __builtin_memset(static_cast<void*>(lock), 0, sizeof_rt_mutex());
}
KAPI(rt_mutex_lock, Partial(kNoBoost), void, (k::rt_mutex * lock)) {
  owner_take(owner_of(lock), kTaskUninterruptible);
}
KAPI(rt_mutex_lock_interruptible, Partial(kNoBoost), int, (k::rt_mutex * lock)) {
  return owner_take(owner_of(lock), kTaskInterruptible);
}
KAPI(rt_mutex_lock_killable, Partial(kNoBoost), int, (k::rt_mutex * lock)) {
  return owner_take(owner_of(lock), kTaskKillable);
}
KAPI(rt_mutex_trylock, Partial(kNoBoost), int, (k::rt_mutex * lock)) {
  return owner_try(owner_of(lock));
}
KAPI(rt_mutex_unlock, Partial(kNoBoost), void, (k::rt_mutex * lock)) {
  owner_release(owner_of(lock));
}

constexpr uint64_t kLookAgainNs = 2'000'000;

OwnerWord& owner_of(k::ww_mutex* lock) { return mutex_word(ww_mutex_base(lock)); }

void note_taken(k::ww_mutex* lock, k::ww_acquire_ctx* context) {
  if (!context) return;
  ww_mutex_ctx(lock) = context;
  ww_acquire_ctx_acquired(context)++;
}

bool must_back_off(k::ww_mutex* lock, k::ww_acquire_ctx* context) {
  k::ww_acquire_ctx* holder = ww_mutex_ctx(lock);
  if (!context || !holder || !ww_acquire_ctx_acquired(context)) return false;
  return static_cast<long>(ww_acquire_ctx_stamp(context) - ww_acquire_ctx_stamp(holder)) > 0;
}

int take(k::ww_mutex* lock, k::ww_acquire_ctx* context, unsigned state) {
  might_sleep();
  if (context && ww_mutex_ctx(lock) == context) return -EALREADY;
  while (true) {
    if (owner_try(owner_of(lock))) break;
    if (must_back_off(lock, context)) return -EDEADLK;
    // The holder may change to an older one while we wait, so look again now and then.
    uint64_t deadline = context ? ktime_ns() + kLookAgainNs : ~0ull;
    int result = owner_take(owner_of(lock), state, deadline);
    if (!result) break;
    if (result == -EINTR) return -EINTR;
  }
  note_taken(lock, context);
  return 0;
}

constexpr char kWaitDie[] = "classes with wound-wait follow the wait-die rule";
KAPI(ww_mutex_lock, Partial(kWaitDie), int, (k::ww_mutex * lock, k::ww_acquire_ctx* context)) {
  return take(lock, context, kTaskUninterruptible);
}
KAPI(ww_mutex_lock_interruptible, Partial(kWaitDie), int,
     (k::ww_mutex * lock, k::ww_acquire_ctx* context)) {
  return take(lock, context, kTaskInterruptible);
}
KAPI(ww_mutex_trylock, Partial(kWaitDie), int, (k::ww_mutex * lock, k::ww_acquire_ctx* context)) {
  if (!owner_try(owner_of(lock))) return 0;
  note_taken(lock, context);
  return 1;
}
KAPI(ww_mutex_unlock, Partial(kWaitDie), void, (k::ww_mutex * lock)) {
  if (k::ww_acquire_ctx* context = ww_mutex_ctx(lock)) {
    ww_acquire_ctx_acquired(context)--;
    ww_mutex_ctx(lock) = nullptr;
  }
  owner_release(owner_of(lock));
}

}  // namespace
}  // namespace ring3::kernel
