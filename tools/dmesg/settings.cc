// SPDX-License-Identifier: GPL-2.0-only
// The meaning of each option, and of several ways to show the time together.
#include "settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "kmod/messages.h"
#include "names.h"
#include "timestamp.h"

namespace ring3::dmesg {
namespace {

bool complain(std::string_view what, std::string_view argument) {
  kmod::messages().cause(fmt::format("{} '{}'", what, argument));
  return false;
}

// White space, then digits; what util-linux takes for a size.
bool take_size(Settings& settings, std::string_view argument) {
  constexpr int64_t kLeast = 4096, kMost = UINT32_MAX;
  std::string_view text = argument;
  while (text.starts_with(' ')) text.remove_prefix(1);
  int64_t size = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  bool whole = end == text.data() + text.size();
  if (error == std::errc::invalid_argument || !whole)
    return complain("invalid buffer size argument:", argument);
  if (error != std::errc() || size < 0 || size > kMost) {
    kmod::messages().cause(
        fmt::format("invalid buffer size argument: '{}': {}", argument, std::strerror(ERANGE)));
    return false;
  }
  settings.buffer_size = std::max(size, kLeast);
  return true;
}

bool take_color(Settings& settings, const char* argument) {
  settings.color = ColorMode::kAuto;
  if (!argument) return true;
  std::string_view when = argument;
  if (when.starts_with('=')) when.remove_prefix(1);  // -L=always
  if (when == "always")
    settings.color = ColorMode::kAlways;
  else if (when == "never")
    settings.color = ColorMode::kNever;
  else if (when != "auto")
    return complain("unsupported color mode:", argument);
  return true;
}

bool take_format(Settings& settings, std::string_view name) {
  struct Row {
    const char* name;
    TimeFormat format;
  };
  constexpr Row kRows[] = {{"notime", TimeFormat::kNone}, {"ctime", TimeFormat::kCtime},
                           {"delta", TimeFormat::kDelta}, {"reltime", TimeFormat::kRelative},
                           {"iso", TimeFormat::kIso},     {"raw", TimeFormat::kTime}};
  for (const Row& row : kRows)
    if (name == row.name) return settings.add(row.format), true;
  kmod::messages().cause(fmt::format("unknown time format: {}", name));
  return false;
}

bool take_time(uint64_t& time, const char* argument) {
  auto parsed = parse_timestamp(argument);
  if (parsed) time = *parsed;
  if (!parsed) kmod::messages().cause(fmt::format("invalid time value \"{}\"", argument));
  return parsed.has_value();
}

bool take_source(Settings& settings, Source source, const char* file) {
  settings.source = source;
  if (file) settings.file = file;
  return true;
}

}  // namespace

bool Settings::shows(TimeFormat format) const {
  if (times.empty()) return format == TimeFormat::kTime;
  return std::ranges::find(times, format) != times.end();
}

void Settings::add(TimeFormat format) {
  if (times.empty() || !shows(format)) times.push_back(format);
}

void Settings::settle() {
  using enum TimeFormat;
  if (json) {
    times.clear();
    raw = force_prefix = pager = escape = false;
  }
  if (follow || no_pager) pager = false;
  auto merge = [&](TimeFormat delta, TimeFormat with, TimeFormat both) {
    if (times.empty() || !shows(delta) || !shows(with)) return;
    std::erase(times, delta);
    std::ranges::replace(times, with, both);
  };
  if (shows(kNone)) times = {shows(kTimeDelta) || shows(kDelta) ? kDelta : kNone};
  merge(kTimeDelta, kCtime, kCtimeDelta);
  merge(kDelta, kTime, kTimeDelta);
  merge(kDelta, kCtime, kCtimeDelta);
}

bool Settings::wants_epoch() const {
  using enum TimeFormat;
  return shows(kRelative) || shows(kCtime) || shows(kCtimeDelta) || shows(kIso) || since || until;
}

bool take_option(Settings& settings, int id, const char* argument) {
  using enum TimeFormat;
  switch (id) {
    case 'C':
      return settings.action = Action::kClear, true;
    case 'c':
      return settings.action = Action::kShowAndClear, true;
    case 'D':
      return settings.action = Action::kConsoleOff, true;
    case 'E':
      return settings.action = Action::kConsoleOn, true;
    case 'n': {
      // One more than the level that is still shown.
      auto level = console_level(argument);
      settings.action = Action::kConsoleLevel;
      settings.console_level = level.value_or(0);
      return level || complain("unknown level", argument);
    }
    case 'F':
      return take_source(settings, Source::kSyslogFile, argument);
    case 'K':
      return take_source(settings, Source::kKmsgFile, argument);
    case 'S':
      return take_source(settings, Source::kSyslog, nullptr);
    case 's':
      return take_size(settings, argument);
    case 'f': {
      settings.filter_facilities = true;
      auto wrong = add_facilities(argument, settings.facilities);
      return !wrong || complain("unknown facility", *wrong);
    }
    case 'k':
      settings.facilities.set(0);
      return settings.filter_facilities = true;
    case 'u':
      for (size_t i = 1; i < kFacilities.size(); i++) settings.facilities.set(i);
      return settings.filter_facilities = true;
    case 'l': {
      settings.filter_levels = true;
      auto wrong = add_levels(argument, settings.levels);
      return !wrong || complain("unknown level", *wrong);
    }
    case 'H':
      settings.add(kRelative);
      settings.color = ColorMode::kAuto;
      return settings.pager = true;
    case 'P':
      return settings.no_pager = true;
    case 'J':
      return settings.json = true;
    case 'L':
      return take_color(settings, argument);
    case 'p':
      return settings.force_prefix = true;
    case 'r':
      return settings.raw = true;
    case 'x':
      return settings.decode = true;
    case 'd':
      return settings.add(kTimeDelta), true;
    case 'e':
      return settings.add(kRelative), true;
    case 'T':
      return settings.add(kCtime), true;
    case 't':
      return settings.add(kNone), true;
    case kTimeFormat:
      return take_format(settings, argument);
    case kNoEscape:
      settings.escape = false;
      return true;
    case kSince:
      return take_time(settings.since, argument);
    case kUntil:
      return take_time(settings.until, argument);
    case 'W':
      settings.only_new = true;
      return settings.follow = true;
    case 'w':
      return settings.follow = true;
    default:
      return true;
  }
}

}  // namespace ring3::dmesg
