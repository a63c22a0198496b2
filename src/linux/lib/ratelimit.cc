// SPDX-License-Identifier: GPL-2.0-only
// lib/ratelimit.c, and printk's own limits: so many messages in an interval, then silence, and a
// line that says how many were suppressed. The state is the module's (DEFINE_RATELIMIT_STATE).
#include "kapi/field.h"
#include "kapi/kapi.h"
#include "linux/include/jiffies.h"
#include "linux/include/printk.h"
#include "linux/include/tags.h"
#include "machine/machine.h"
#include "machine/spinlock.h"

namespace ring3::kernel {

KFIELD(ratelimit_state, interval, int);
KFIELD(ratelimit_state, burst, int);
KFIELD(ratelimit_state, printed, int);
KFIELD(ratelimit_state, missed, int);
KFIELD(ratelimit_state, begin, unsigned long);
// int in some targets and long in others: the bit we read is in the first bytes of both.
KPLACE(ratelimit_state, flags, flags);

namespace {

constexpr unsigned kMessageOnRelease = 1;  // RATELIMIT_MSG_ON_RELEASE
machine::SpinLock lock;                    // stands for every state's own

// All the state of one limit, wherever it lies.
struct Limit {
  int& interval;
  int& burst;
  int& printed;
  int& missed;
  unsigned long& begin;
};

bool allowed(Limit limit, bool silent, const char* function) {
  if (!limit.interval) return true;
  if (!lock.try_lock()) return false;
  uint64_t now = current_jiffies();
  if (!limit.begin) limit.begin = now;
  int suppressed = 0;
  if (static_cast<int64_t>(limit.begin + limit.interval - now) < 0) {
    if (!silent) std::swap(suppressed, limit.missed);
    limit.begin = now;
    limit.printed = 0;
  }
  bool ok = limit.burst && limit.burst > limit.printed;
  (ok ? limit.printed : limit.missed)++;
  lock.unlock();
  if (suppressed) kernel_print(KERN_WARNING "%s: %d callbacks suppressed\n", function, suppressed);
  return ok;
}

KAPI(___ratelimit, Real, int, (k::ratelimit_state * state, const char* function)) {
  bool silent = *static_cast<unsigned*>(ratelimit_state_flags(state)) & kMessageOnRelease;
  return allowed(
      {ratelimit_state_interval(state), ratelimit_state_burst(state),
       ratelimit_state_printed(state), ratelimit_state_missed(state), ratelimit_state_begin(state)},
      silent, function);
}

// printk_ratelimit(): ten lines in five seconds for the whole kernel.
KAPI(__printk_ratelimit, Real, int, (const char* function)) {
  static int interval, burst = 10, printed, missed;
  static unsigned long begin;
  interval = static_cast<int>(5 * jiffies_per_second());
  return allowed({interval, burst, printed, missed, begin}, false, function);
}

KAPI(printk_timed_ratelimit, Real, bool, (unsigned long* last, unsigned interval_ms)) {
  uint64_t now = current_jiffies();
  uint64_t passed = now - *last;
  uint64_t wanted = static_cast<uint64_t>(interval_ms) * jiffies_per_second() / 1000;
  if (*last && passed <= wanted) return false;
  *last = now;
  return true;
}

}  // namespace

}  // namespace ring3::kernel
