// SPDX-License-Identifier: GPL-2.0-only
// Completions: a count of how often they were completed, UINT_MAX for "for good". Waiters sleep on
// the completion's address; the queue inside the struct stays empty.
#include "kapi/kapi.h"
#include "linux/include/time.h"
#include "machine/parking.h"

namespace ring3::k {
struct completion;
}  // namespace ring3::k

namespace ring3::kernel {

KFIELD(completion, done, unsigned);

using Parking = machine::Parking;

void complete_all_or_one(k::completion* completion, bool all) {
  Parking::unpark(
      completion,
      [&](uintptr_t) { return all ? Parking::Decision::kWake : Parking::Decision::kWakeAndStop; },
      [&](unsigned) {
        unsigned& done = completion_done(completion);
        if (all)
          done = UINT32_MAX;
        else if (done != UINT32_MAX)
          done++;
      });
}

namespace {

// Takes one completion if there is one; under the queue's lock.
bool take(k::completion* completion) {
  unsigned& done = completion_done(completion);
  if (!done) return false;
  if (done != UINT32_MAX) done--;
  return true;
}

// What is left of `timeout` jiffies, at least 1; 0: it was over; -ERESTARTSYS: a signal.
long wait_for(k::completion* completion, long timeout, unsigned state) {
  might_sleep();
  bool forever = timeout == kMaxScheduleTimeout;
  uint64_t end = forever ? 0 : jiffies() + static_cast<uint64_t>(timeout);
  bool taken = false;
  while (true) {
    machine::Parked parked = Parking::park(
        {.key = completion, .state = state, .deadline_ns = forever ? ~0ull : time_of_jiffies(end)},
        [&] { return !(taken = take(completion)); });
    if (taken) break;
    if (parked == machine::Parked::kWoken) continue;  // somebody else may have taken it
    Parking::with_queue(completion, [&](unsigned) { taken = take(completion); });
    if (taken) break;
    if (parked == machine::Parked::kSignal) return -kErrorRestart;
    return 0;
  }
  if (forever) return timeout;
  long left = static_cast<long>(end - jiffies());
  return left > 0 ? left : 1;
}

int plain(long result) { return result < 0 ? static_cast<int>(result) : 0; }

KAPI(complete, Real, void, (k::completion * completion)) { complete_all_or_one(completion, false); }
KAPI(complete_all, Real, void, (k::completion * completion)) {
  complete_all_or_one(completion, true);
}
KAPI(wait_for_completion, Real, void, (k::completion * completion)) {
  wait_for(completion, kMaxScheduleTimeout, kTaskUninterruptible);
}
KAPI(wait_for_completion_io, Real, void, (k::completion * completion)) {
  wait_for(completion, kMaxScheduleTimeout, kTaskUninterruptible);
}
KAPI(wait_for_completion_timeout, Real, unsigned long,
     (k::completion * completion, unsigned long timeout)) {
  return static_cast<unsigned long>(
      wait_for(completion, static_cast<long>(timeout), kTaskUninterruptible));
}
KAPI(wait_for_completion_io_timeout, Real, unsigned long,
     (k::completion * completion, unsigned long timeout)) {
  return static_cast<unsigned long>(
      wait_for(completion, static_cast<long>(timeout), kTaskUninterruptible));
}
KAPI(wait_for_completion_interruptible, Real, int, (k::completion * completion)) {
  return plain(wait_for(completion, kMaxScheduleTimeout, kTaskInterruptible));
}
KAPI(wait_for_completion_interruptible_timeout, Real, long,
     (k::completion * completion, unsigned long timeout)) {
  return wait_for(completion, static_cast<long>(timeout), kTaskInterruptible);
}
KAPI(wait_for_completion_killable, Real, int, (k::completion * completion)) {
  return plain(wait_for(completion, kMaxScheduleTimeout, kTaskKillable));
}
KAPI(wait_for_completion_killable_timeout, Real, long,
     (k::completion * completion, unsigned long timeout)) {
  return wait_for(completion, static_cast<long>(timeout), kTaskKillable);
}
KAPI(wait_for_completion_state, Real, int, (k::completion * completion, unsigned state)) {
  return plain(wait_for(completion, kMaxScheduleTimeout, state));
}
KAPI(try_wait_for_completion, Real, bool, (k::completion * completion)) {
  bool taken = false;
  Parking::with_queue(completion, [&](unsigned) { taken = take(completion); });
  return taken;
}
KAPI(completion_done, Real, bool, (k::completion * completion)) {
  bool done = false;
  Parking::with_queue(completion, [&](unsigned) { done = completion_done(completion) != 0; });
  return done;
}

}  // namespace
}  // namespace ring3::kernel
