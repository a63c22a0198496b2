// SPDX-License-Identifier: GPL-2.0-only
// Reading the clocks. The machine has one; CLOCK_MONOTONIC, _RAW and _BOOTTIME are its time since
// boot (it never suspends), CLOCK_REALTIME and CLOCK_TAI add the time of boot. Coarse clocks show
// the last tick, as on Linux.
#include "kapi/kapi.h"
#include "linux/include/time.h"

namespace ring3::k {
struct system_time_snapshot;
struct timecounter;
struct cyclecounter;
}  // namespace ring3::k

namespace ring3::kernel {

KFIELD(timecounter, cc, const k::cyclecounter*);
KFIELD(timecounter, cycle_last, unsigned long long);
KFIELD(timecounter, nsec, unsigned long long);
KFIELD(timecounter, mask, unsigned long long);
KFIELD(timecounter, frac, unsigned long long);
KFIELD(cyclecounter, read, unsigned long long (*)(const k::cyclecounter*));
KFIELD(cyclecounter, mask, unsigned long long);
KFIELD(cyclecounter, mult, unsigned);
KFIELD(cyclecounter, shift, unsigned);
KFIELD(system_time_snapshot, cycles, unsigned long long);
KFIELD(system_time_snapshot, real, long long);
KFIELD(system_time_snapshot, raw, long long);

namespace {

// enum tk_offsets: TK_OFFS_REAL, _BOOT, _TAI.
uint64_t boot_offset(int which) { return which == 1 ? 0 : ktime_real_ns() - ktime_ns(); }
uint64_t coarse(uint64_t ns) { return ns - ktime_ns() % tick_ns(); }

KAPI(ktime_get, Real, long long, ()) { return static_cast<int64_t>(ktime_ns()); }
KAPI(ktime_get_raw, Real, long long, ()) { return static_cast<int64_t>(ktime_ns()); }
KAPI(ktime_get_with_offset, Real, long long, (unsigned which)) {
  return static_cast<int64_t>(ktime_ns() + boot_offset(static_cast<int>(which)));
}
KAPI(ktime_get_coarse_with_offset, Real, long long, (unsigned which)) {
  return static_cast<int64_t>(coarse(ktime_ns()) + boot_offset(static_cast<int>(which)));
}
KAPI(ktime_mono_to_any, Real, long long, (long long time, unsigned which)) {
  return time + static_cast<int64_t>(boot_offset(static_cast<int>(which)));
}
KAPI(ktime_get_mono_fast_ns, Real, unsigned long long, ()) { return ktime_ns(); }
KAPI(ktime_get_raw_fast_ns, Real, unsigned long long, ()) { return ktime_ns(); }
KAPI(ktime_get_boot_fast_ns, Real, unsigned long long, ()) { return ktime_ns(); }
KAPI(ktime_get_tai_fast_ns, Partial("no leap seconds: equals real time"), unsigned long long, ()) {
  return ktime_real_ns();
}
KAPI(ktime_get_real_fast_ns, Real, unsigned long long, ()) { return ktime_real_ns(); }
KAPI(ktime_get_seconds, Real, long long, ()) {
  return static_cast<int64_t>(ktime_ns() / kSecondNs);
}
KAPI(ktime_get_real_seconds, Real, long long, ()) {
  return static_cast<int64_t>(ktime_real_ns() / kSecondNs);
}
KAPI(ktime_get_resolution_ns, Real, unsigned, ()) { return 1; }

void store(k::timespec64* at, uint64_t ns) { *at = timespec_of(static_cast<int64_t>(ns)); }
KAPI(ktime_get_ts64, Real, void, (k::timespec64 * at)) { store(at, ktime_ns()); }
KAPI(ktime_get_raw_ts64, Real, void, (k::timespec64 * at)) { store(at, ktime_ns()); }
KAPI(ktime_get_real_ts64, Real, void, (k::timespec64 * at)) { store(at, ktime_real_ns()); }
KAPI(ktime_get_coarse_ts64, Real, void, (k::timespec64 * at)) { store(at, coarse(ktime_ns())); }
KAPI(ktime_get_coarse_real_ts64, Real, void, (k::timespec64 * at)) {
  store(at, coarse(ktime_real_ns()));
}
KAPI(getboottime64, Real, void, (k::timespec64 * at)) { store(at, ktime_real_ns() - ktime_ns()); }
KAPI(ktime_get_snapshot, Partial("fills the times, not the clock source's numbers"), void,
     (k::system_time_snapshot * at)) {
  system_time_snapshot_cycles(at) = ktime_ns();
  system_time_snapshot_raw(at) = static_cast<int64_t>(ktime_ns());
  system_time_snapshot_real(at) = static_cast<int64_t>(ktime_real_ns());
}

// The clock is the host's.
KAPI(do_settimeofday64, Partial("refused: the clock is the host's"), int,
     (const k::timespec64* value)) {
  return -EPERM;
}

KAPI(ktime_add_safe, Real, long long, (long long a, long long b)) {
  int64_t sum;
  // A sum that leaves the range, or is negative, means "never".
  if (__builtin_add_overflow(a, b, &sum) || sum < 0) return INT64_MAX;
  return sum;
}

KAPI(sched_clock, Real, unsigned long long, ()) { return ktime_ns(); }
KAPI(sched_clock_cpu, Real, unsigned long long, (int cpu)) { return ktime_ns(); }
KAPI(local_clock, Real, unsigned long long, ()) { return ktime_ns(); }

// A counter that wraps, extended to nanoseconds: fractions are kept from one reading to the next.
uint64_t ns_of_cycles(const k::cyclecounter* counter, uint64_t cycles, uint64_t mask,
                      uint64_t* fraction) {
  uint64_t ns = cycles * cyclecounter_mult(counter) + *fraction;
  *fraction = ns & mask;
  return ns >> cyclecounter_shift(counter);
}
KAPI(timecounter_init, Real, void,
     (k::timecounter * at, const k::cyclecounter* counter, unsigned long long start)) {
  timecounter_cc(at) = counter;
  timecounter_cycle_last(at) = cyclecounter_read(counter)(counter);
  timecounter_nsec(at) = start;
  timecounter_mask(at) = (1ull << cyclecounter_shift(counter)) - 1;
  timecounter_frac(at) = 0;
}
KAPI(timecounter_read, Real, unsigned long long, (k::timecounter * at)) {
  const k::cyclecounter* counter = timecounter_cc(at);
  uint64_t now = cyclecounter_read(counter)(counter);
  uint64_t delta = (now - timecounter_cycle_last(at)) & cyclecounter_mask(counter);
  uint64_t fraction = timecounter_frac(at);
  timecounter_nsec(at) += ns_of_cycles(counter, delta, timecounter_mask(at), &fraction);
  timecounter_frac(at) = fraction;
  timecounter_cycle_last(at) = now;
  return timecounter_nsec(at);
}
KAPI(timecounter_cyc2time, Real, unsigned long long,
     (const k::timecounter* at, unsigned long long cycles)) {
  const k::cyclecounter* counter = timecounter_cc(at);
  uint64_t mask = cyclecounter_mask(counter);
  uint64_t delta = (cycles - timecounter_cycle_last(at)) & mask;
  uint64_t fraction = timecounter_frac(at);
  if (delta <= mask / 2)
    return timecounter_nsec(at) + ns_of_cycles(counter, delta, timecounter_mask(at), &fraction);
  // A value from before the last reading.
  delta = (timecounter_cycle_last(at) - cycles) & mask;
  uint64_t back = (delta * cyclecounter_mult(counter) - fraction) >> cyclecounter_shift(counter);
  return timecounter_nsec(at) - back;
}

}  // namespace
}  // namespace ring3::kernel
