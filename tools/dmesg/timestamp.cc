// SPDX-License-Identifier: GPL-2.0-only
#include "timestamp.h"

#include <strings.h>
#include <time.h>

#include <cctype>
#include <charconv>
#include <string>

namespace ring3::dmesg {
namespace {

constexpr uint64_t kSecond = 1'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute,
                   kDay = 24 * kHour, kWeek = 7 * kDay, kYear = 31557600ull * kSecond,
                   kMonth = 2629800ull * kSecond;

struct Unit {
  std::string_view name;
  uint64_t size;
};
// The first that a text begins with is meant.
constexpr Unit kUnits[] = {
    {"seconds", kSecond}, {"second", kSecond}, {"sec", kSecond}, {"s", kSecond},
    {"minutes", kMinute}, {"minute", kMinute}, {"min", kMinute}, {"months", kMonth},
    {"month", kMonth},    {"msec", 1000},      {"ms", 1000},     {"m", kMinute},
    {"hours", kHour},     {"hour", kHour},     {"hr", kHour},    {"h", kHour},
    {"days", kDay},       {"day", kDay},       {"d", kDay},      {"weeks", kWeek},
    {"week", kWeek},      {"w", kWeek},        {"years", kYear}, {"year", kYear},
    {"y", kYear},         {"usec", 1},         {"us", 1},        {"", kSecond}};

void skip_space(std::string_view& text) {
  while (!text.empty() && std::string_view(" \t\n\r").find(text[0]) != std::string_view::npos)
    text.remove_prefix(1);
}

std::optional<uint64_t> take_digits(std::string_view& text) {
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

// "2h 30min 1.5s"; a number alone is seconds.
std::optional<uint64_t> parse_span(std::string_view text) {
  uint64_t sum = 0;
  bool something = false;
  for (;;) {
    skip_space(text);
    if (text.empty()) return something ? std::optional(sum) : std::nullopt;
    if (text[0] == '+') text.remove_prefix(1);
    auto whole = text.starts_with('.') ? std::optional<uint64_t>(0) : take_digits(text);
    if (!whole) return std::nullopt;
    uint64_t fraction = 0;
    size_t digits = 0;
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      size_t before = text.size();
      auto value = take_digits(text);
      if (!value) return std::nullopt;
      fraction = *value;
      digits = before - text.size();
    }
    skip_space(text);
    for (const Unit& unit : kUnits) {
      if (!text.starts_with(unit.name)) continue;
      uint64_t part = fraction * unit.size;
      for (size_t i = 0; i < digits; i++) part /= 10;
      sum += *whole * unit.size + part;
      text.remove_prefix(unit.name.size());
      something = true;
      break;
    }
  }
}

// ".25" or ",25": at most six digits.
std::optional<uint64_t> parse_fraction(std::string_view text) {
  if (text.empty() || (text[0] != '.' && text[0] != ',')) return std::nullopt;
  uint64_t result = 0, factor = kSecond / 10;
  for (char c : text.substr(1)) {
    if (!std::isdigit(static_cast<unsigned char>(c)) || !factor) return std::nullopt;
    result += static_cast<uint64_t>(c - '0') * factor;
    factor /= 10;
  }
  return result;
}

// What a form says and what it leaves at 0. The order decides between "12-11-10" and "2012-11-10".
struct Form {
  const char* format;
  bool seconds, minutes;
};
constexpr Form kForms[] = {{"%y-%m-%d %H:%M:%S", true, true},
                           {"%Y-%m-%d %H:%M:%S", true, true},
                           {"%Y-%m-%dT%H:%M:%S", true, true},
                           {"%y-%m-%d %H:%M", false, true},
                           {"%Y-%m-%d %H:%M", false, true},
                           {"%y-%m-%d", false, false},
                           {"%Y-%m-%d", false, false},
                           {"%H:%M:%S", true, true},
                           {"%H:%M", false, true},
                           {"%Y%m%d%H%M%S", true, true}};

// The day of the week that a text begins with, taken off it; -1: none.
int take_weekday(std::string_view& text) {
  constexpr std::string_view kDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday"};
  size_t space = text.find(' ');
  if (space == std::string_view::npos) return -1;
  std::string word(text.substr(0, space));
  for (int i = 0; i < 7; i++) {
    std::string day(kDays[i]);
    if (::strcasecmp(word.c_str(), day.c_str()) != 0 &&
        ::strcasecmp(word.c_str(), day.substr(0, 3).c_str()) != 0)
      continue;
    text.remove_prefix(space + 1);
    return i;
  }
  return -1;
}

// By the calendar. `time` has the present moment.
bool parse_date(std::string_view text, tm& time, uint64_t& fraction) {
  const tm now = time;
  std::string copy(text);
  for (const Form& form : kForms) {
    time = now;
    const char* rest = ::strptime(copy.c_str(), form.format, &time);
    if (!rest) continue;
    auto part = form.seconds ? parse_fraction(rest) : std::nullopt;
    if (*rest && !part) continue;
    fraction = part.value_or(0);
    if (!form.seconds) time.tm_sec = 0;
    if (!form.minutes) time.tm_min = time.tm_hour = 0;
    return true;
  }
  return false;
}

bool parse_word(std::string_view text, tm& time) {
  if (text == "now") return true;
  if (text != "today" && text != "yesterday" && text != "tomorrow") return false;
  if (text == "yesterday") time.tm_mday--;
  if (text == "tomorrow") time.tm_mday++;
  time.tm_sec = time.tm_min = time.tm_hour = 0;
  return true;
}

}  // namespace

std::optional<uint64_t> parse_timestamp(std::string_view text) {
  constexpr std::string_view kAgo = " ago";
  time_t now = ::time(nullptr);
  tm time{};
  ::localtime_r(&now, &time);
  time.tm_isdst = -1;
  uint64_t plus = 0, minus = 0;
  int weekday = -1;
  if (text.starts_with('+') || text.starts_with('-') || text.ends_with(kAgo)) {
    bool ago = text.ends_with(kAgo) && !text.starts_with('+') && !text.starts_with('-');
    auto span = parse_span(ago ? text.substr(0, text.size() - kAgo.size()) : text.substr(1));
    if (!span) return std::nullopt;
    (text.starts_with('+') ? plus : minus) = *span;
  } else if (text.starts_with('@')) {
    std::string copy(text.substr(1));
    const char* rest = ::strptime(copy.c_str(), "%s", &time);
    auto part = rest ? parse_fraction(rest) : std::nullopt;
    if (!rest || (*rest && !part)) return std::nullopt;
    plus = part.value_or(0);
  } else if (!parse_word(text, time)) {
    weekday = take_weekday(text);
    if (!parse_date(text, time, plus)) return std::nullopt;
  }
  time_t seconds = ::mktime(&time);
  if (seconds == -1 || (weekday >= 0 && time.tm_wday != weekday)) return std::nullopt;
  uint64_t result = static_cast<uint64_t>(seconds) * kSecond + plus;
  return result > minus ? result - minus : 0;
}

}  // namespace ring3::dmesg
