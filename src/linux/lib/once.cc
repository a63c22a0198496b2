// SPDX-License-Identifier: GPL-2.0-only
// lib/once.c: DO_ONCE(). The lock is held from a start that says yes to the end of the call.
#include "kapi/kapi.h"
#include "linux/include/sched.h"
#include "linux/kernel/locking/mutex.h"

namespace ring3::k {
struct module;
struct static_key_true;
}  // namespace ring3::k

namespace ring3::kernel {
namespace {

uint32_t spinning_lock = 0;
OwnerWord sleeping_lock{0};

KAPI(__do_once_start, Real, bool, (bool* done, unsigned long* flags)) {
  *flags = interrupts_save();
  preempt_disable();
  spin_lock_word(&spinning_lock);
  if (!*done) return true;
  spin_unlock_word(&spinning_lock);
  interrupts_restore(*flags);
  preempt_enable();
  return false;
}
#define STAYS Partial("leaves the static key on: later calls ask again instead of passing by")
KAPI(__do_once_done, STAYS, void,
     (bool* done, k::static_key_true*, unsigned long* flags, k::module*)) {
  *done = true;
  spin_unlock_word(&spinning_lock);
  interrupts_restore(*flags);
  preempt_enable();
}
KAPI(__do_once_sleepable_start, Real, bool, (bool* done)) {
  owner_take(sleeping_lock, kTaskUninterruptible);
  if (!*done) return true;
  owner_release(sleeping_lock);
  return false;
}
KAPI(__do_once_sleepable_done, STAYS, void, (bool* done, k::static_key_true*, k::module*)) {
  *done = true;
  owner_release(sleeping_lock);
}

}  // namespace
}  // namespace ring3::kernel
