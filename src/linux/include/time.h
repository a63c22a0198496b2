// SPDX-License-Identifier: GPL-2.0-only
// Time as the files of src/linux see it: jiffies, and the machine's clock as ktime.
#pragma once

#include <cstdint>

#include "kapi/field.h"
#include "linux/include/sched.h"

namespace ring3::k {
// uapi/linux/time_types.h: the same in every target (passed by value, so it has members here).
struct timespec64 {
  int64_t tv_sec;
  int64_t tv_nsec;
};
struct timer_list;
struct hrtimer;
struct lock_class_key;
}  // namespace ring3::k

namespace ring3::kernel {

inline constexpr uint64_t kSecondNs = 1'000'000'000;
inline constexpr uint64_t kMaxJiffyOffset = (static_cast<uint64_t>(INT64_MAX) >> 1) - 1;

unsigned hz();
uint64_t tick_ns();
// Now, brought up to date; modules read the exported copy, which the tick advances.
uint64_t jiffies();
// The machine's time at which jiffies becomes this value; at once when it is past.
uint64_t time_of_jiffies(uint64_t jiffies);
uint64_t msecs_to_jiffies(unsigned ms);
uint64_t usecs_to_jiffies(unsigned us);

inline uint64_t ktime_ns() { return machine_().clock().now_ns(); }
inline uint64_t ktime_real_ns() { return machine_().clock().real_ns(); }

inline k::timespec64 timespec_of(int64_t ns) {
  int64_t seconds = ns / static_cast<int64_t>(kSecondNs);
  int64_t rest = ns % static_cast<int64_t>(kSecondNs);
  if (rest < 0) {
    seconds--;
    rest += static_cast<int64_t>(kSecondNs);
  }
  return {seconds, rest};
}

// Sleeps in `state` until the machine's time, a wake-up, or a signal.
void sleep_until(uint64_t deadline_ns, unsigned state);

// Linux's timers, for runtime code that has a timer_list (delayed work).
int timer_mod(k::timer_list* timer, uint64_t expires);
int timer_delete(k::timer_list* timer, bool wait);

}  // namespace ring3::kernel
