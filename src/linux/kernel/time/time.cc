// SPDX-License-Identifier: GPL-2.0-only
// Units of time turned into each other, with Linux's rounding: to jiffies up, from jiffies down;
// what is too long becomes MAX_JIFFY_OFFSET, a negative number of milliseconds (as an int) as well.
#include "linux/include/time.h"
#include "kapi/kapi.h"

namespace ring3::k {
struct tm;
struct __kernel_old_timeval {  // NOLINT: Linux's name
  int64_t tv_sec;
  int64_t tv_usec;
};
struct timezone;
}  // namespace ring3::k

namespace ring3::kernel {

KFIELD(timespec64, tv_sec, long long);
KFIELD(timespec64, tv_nsec, long);
KFIELD(tm, tm_sec, int);
KFIELD(tm, tm_min, int);
KFIELD(tm, tm_hour, int);
KFIELD(tm, tm_mday, int);
KFIELD(tm, tm_mon, int);
KFIELD(tm, tm_year, long);
KFIELD(tm, tm_wday, int);
KFIELD(tm, tm_yday, int);

uint64_t msecs_to_jiffies(unsigned ms) {
  if (static_cast<int>(ms) < 0) return kMaxJiffyOffset;
  return (static_cast<uint64_t>(ms) * hz() + 999) / 1000;
}
uint64_t usecs_to_jiffies(unsigned us) {
  return (static_cast<uint64_t>(us) * hz() + 999'999) / 1'000'000;
}

namespace {

KAPI(__msecs_to_jiffies, Real, unsigned long, (unsigned ms)) { return msecs_to_jiffies(ms); }
KAPI(__usecs_to_jiffies, Real, unsigned long, (unsigned us)) { return usecs_to_jiffies(us); }
KAPI(jiffies_to_msecs, Real, unsigned, (unsigned long j)) {
  return static_cast<unsigned>(j * (1000 / hz()));
}
KAPI(jiffies_to_usecs, Real, unsigned, (unsigned long j)) {
  return static_cast<unsigned>(j * (1'000'000 / hz()));
}
KAPI(jiffies64_to_msecs, Real, unsigned long long, (unsigned long long j)) {
  return j * (1000 / hz());
}
KAPI(jiffies64_to_nsecs, Real, unsigned long long, (unsigned long long j)) {
  return j * (kSecondNs / hz());
}
KAPI(nsecs_to_jiffies64, Real, unsigned long long, (unsigned long long ns)) {
  return ns / (kSecondNs / hz());
}
KAPI(nsecs_to_jiffies, Real, unsigned long, (unsigned long long ns)) {
  return ns / (kSecondNs / hz());
}
KAPI(timespec64_to_jiffies, Real, unsigned long, (const k::timespec64* value)) {
  uint64_t most = kMaxJiffyOffset / hz();
  if (static_cast<uint64_t>(value->tv_sec) >= most) return kMaxJiffyOffset;
  uint64_t tick = tick_ns();
  return static_cast<uint64_t>(value->tv_sec) * hz() +
         (static_cast<uint64_t>(value->tv_nsec) + tick - 1) / tick;
}
KAPI(jiffies_to_timespec64, Real, void, (unsigned long j, k::timespec64* value)) {
  value->tv_sec = static_cast<int64_t>(j / hz());
  value->tv_nsec = static_cast<int64_t>(j % hz() * tick_ns());
}
constexpr unsigned kUserHz = 100;
KAPI(jiffies_to_clock_t, Real, long, (unsigned long j)) {
  return static_cast<long>(static_cast<unsigned __int128>(j) * kUserHz / hz());
}
KAPI(jiffies_64_to_clock_t, Real, unsigned long long, (unsigned long long j)) {
  return static_cast<uint64_t>(static_cast<unsigned __int128>(j) * kUserHz / hz());
}
KAPI(clock_t_to_jiffies, Real, unsigned long, (unsigned long ticks)) {
  unsigned __int128 value = static_cast<unsigned __int128>(ticks) * hz() / kUserHz;
  return value > ~0ul ? ~0ul : static_cast<unsigned long>(value);
}

KAPI(ns_to_timespec64, Real, k::timespec64, (long long ns)) { return timespec_of(ns); }
KAPI(ns_to_kernel_old_timeval, Real, k::__kernel_old_timeval, (long long ns)) {
  k::timespec64 value = timespec_of(ns);
  return {value.tv_sec, value.tv_nsec / 1000};
}
KAPI(set_normalized_timespec64, Real, void,
     (k::timespec64 * value, long long seconds, long long ns)) {
  k::timespec64 rest = timespec_of(ns);
  value->tv_sec = seconds + rest.tv_sec;
  value->tv_nsec = rest.tv_nsec;
}

// Days since 1970-01-01 of a date in the proleptic Gregorian calendar (years from March on).
int64_t days_of(int64_t year, unsigned month, unsigned day) {
  year -= month <= 2;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

KAPI(mktime64, Real, long long,
     (unsigned year, unsigned month, unsigned day, unsigned hour, unsigned minute,
      unsigned second)) {
  int64_t days = days_of(year, month, 1) + static_cast<int64_t>(day) - 1;
  return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

KAPI(time64_to_tm, Real, void, (long long seconds, int offset, k::tm* result)) {
  seconds += offset;
  int64_t days = seconds / 86400, rest = seconds % 86400;
  if (rest < 0) {
    rest += 86400;
    days--;
  }
  tm_tm_hour(result) = static_cast<int>(rest / 3600);
  tm_tm_min(result) = static_cast<int>(rest / 60 % 60);
  tm_tm_sec(result) = static_cast<int>(rest % 60);
  tm_tm_wday(result) = static_cast<int>(((days + 4) % 7 + 7) % 7);  // day 0 was a Thursday
  int64_t shifted = days + 719468;
  int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  int64_t day_of_era = shifted - era * 146097;
  int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t month = (5 * day_of_year + 2) / 153;  // from March
  int64_t year = year_of_era + era * 400 + (month >= 10);
  tm_tm_mday(result) = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
  tm_tm_mon(result) = static_cast<int>(month < 10 ? month + 2 : month - 10);
  tm_tm_year(result) = year - 1900;
  tm_tm_yday(result) = static_cast<int>(days - days_of(year, 1, 1));
}

KDATA_INIT(sys_tz, Real, nullptr, 8)
{}  // two ints: minutes west, kind of summer time

}  // namespace
}  // namespace ring3::kernel
