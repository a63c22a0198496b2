// SPDX-License-Identifier: GPL-2.0-only
// Counting semaphores. up() gives the unit to the waiter that has waited longest, or counts it.
#include "kapi/kapi.h"
#include "linux/include/time.h"
#include "machine/parking.h"

namespace ring3::k {
struct semaphore;
}  // namespace ring3::k

namespace ring3::kernel {

KFIELD(semaphore, count, unsigned);

namespace {

using Parking = machine::Parking;

bool take_one(k::semaphore* sem) {  // under the queue's lock
  if (!semaphore_count(sem)) return false;
  semaphore_count(sem)--;
  return true;
}

int take(k::semaphore* sem, unsigned state, uint64_t deadline_ns) {
  might_sleep();
  switch (Parking::park({.key = sem, .state = state, .deadline_ns = deadline_ns},
                        [&] { return !take_one(sem); })) {
    case machine::Parked::kSignal:
      return -EINTR;
    case machine::Parked::kTimeout:
      return -ETIME;
    default:
      return 0;
  }
}

KAPI(down, Real, void, (k::semaphore * sem)) { take(sem, kTaskUninterruptible, ~0ull); }
KAPI(down_interruptible, Real, int, (k::semaphore * sem)) {
  return take(sem, kTaskInterruptible, ~0ull);
}
KAPI(down_killable, Real, int, (k::semaphore * sem)) { return take(sem, kTaskKillable, ~0ull); }
KAPI(down_timeout, Real, int, (k::semaphore * sem, long timeout)) {
  uint64_t end = timeout == kMaxScheduleTimeout
                     ? ~0ull
                     : time_of_jiffies(jiffies() + static_cast<uint64_t>(timeout));
  return take(sem, kTaskUninterruptible, end);
}
// 1: not taken. Callable from interrupts.
KAPI(down_trylock, Real, int, (k::semaphore * sem)) {
  bool taken = false;
  Parking::with_queue(sem, [&](unsigned) { taken = take_one(sem); });
  return !taken;
}
KAPI(up, Real, void, (k::semaphore * sem)) {
  bool given = false;
  Parking::unpark(
      sem,
      [&](uintptr_t) {
        given = true;
        return Parking::Decision::kWakeAndStop;
      },
      [&](unsigned) {
        if (!given) semaphore_count(sem)++;
      });
}

}  // namespace
}  // namespace ring3::kernel
