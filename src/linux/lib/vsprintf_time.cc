// SPDX-License-Identifier: GPL-2.0-only
// %pt: R takes a struct rtc_time, T a time64_t. d and t choose date or time, r prints the members
// as they are (years from 1900, months from 0), s puts a space between date and time.
#include "linux/include/format.h"

namespace ring3::kernel::format {
namespace {

struct Calendar {
  int64_t year;  // from 1900
  int month;     // from 0
  int day, hour, minute, second;
};

struct RtcTime {  // struct rtc_time: user ABI
  int second, minute, hour, day, month, year, week_day, year_day, is_dst;
};

// Days are counted in years that begin in March, in cycles of 400 years.
Calendar calendar_of(int64_t seconds) {
  int64_t days = seconds / 86400;
  int64_t rest = seconds % 86400;
  if (rest < 0) {
    rest += 86400;
    days--;
  }
  days += 719468;  // from 0000-03-01
  int64_t cycle = (days >= 0 ? days : days - 146096) / 146097;
  int64_t day_of_cycle = days - cycle * 146097;
  int64_t year_of_cycle =
      (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 - day_of_cycle / 146096) / 365;
  int64_t day_of_year =
      day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
  int64_t shifted = (5 * day_of_year + 2) / 153;
  Calendar result;
  result.day = static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1);
  result.month = static_cast<int>(shifted < 10 ? shifted + 2 : shifted - 10);
  result.year = year_of_cycle + cycle * 400 + (result.month < 2) - 1900;
  result.hour = static_cast<int>(rest / 3600);
  result.minute = static_cast<int>(rest / 60 % 60);
  result.second = static_cast<int>(rest % 60);
  return result;
}

void print(Output& out, const char* letters, const Calendar& calendar) {
  bool date = true, clock = true, raw = false, iso = true;
  const char* at = letters;
  if (*at == 'd') {
    clock = false;
    at++;
  } else if (*at == 't') {
    date = false;
    at++;
  }
  for (; *at == 'r' || *at == 's'; at++) (*at == 'r' ? raw : iso) = *at == 'r';
  if (date) {
    decimal(out, calendar.year + (raw ? 0 : 1900), 4);
    out.put('-');
    decimal(out, static_cast<int64_t>(calendar.month) + (raw ? 0 : 1), 2);
    out.put('-');
    decimal(out, static_cast<int64_t>(calendar.day), 2);
  }
  if (date && clock) out.put(iso ? 'T' : ' ');
  if (clock) {
    decimal(out, static_cast<int64_t>(calendar.hour), 2);
    out.put(':');
    decimal(out, static_cast<int64_t>(calendar.minute), 2);
    out.put(':');
    decimal(out, static_cast<int64_t>(calendar.second), 2);
  }
}

}  // namespace

void time(Output& out, const char* letters, const void* argument, const Spec& spec) {
  if (letters[1] == 'R') {
    if (bad_pointer(out, argument, spec)) return;
    const RtcTime& rtc = *static_cast<const RtcTime*>(argument);
    print(out, letters + 2, {rtc.year, rtc.month, rtc.day, rtc.hour, rtc.minute, rtc.second});
  } else if (letters[1] == 'T') {
    if (bad_pointer(out, argument, spec)) return;
    print(out, letters + 2, calendar_of(*static_cast<const int64_t*>(argument)));
  } else {
    text(out, "(%pt?)", spec);
  }
}

}  // namespace ring3::kernel::format
