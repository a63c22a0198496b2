// SPDX-License-Identifier: GPL-2.0-only
// What a call of dmesg asks for, read off its options.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <vector>

namespace ring3::dmesg {

// The order of times in a line is that of the options; each is there once.
enum class TimeFormat { kNone, kCtime, kCtimeDelta, kDelta, kRelative, kTime, kTimeDelta, kIso };
enum class ColorMode { kDefault, kAuto, kAlways, kNever };
enum class Action { kShow, kShowAndClear, kClear, kConsoleOff, kConsoleOn, kConsoleLevel };
enum class Source { kKmsg, kSyslog, kSyslogFile, kKmsgFile };

struct Settings {
  Action action = Action::kShow;
  Source source = Source::kKmsg;
  std::string file;
  int console_level = 0;
  int64_t buffer_size = 0;  // for syslog(2); 0: as large as the log

  bool filter_levels = false, filter_facilities = false;
  std::bitset<8> levels;
  std::bitset<32> facilities;
  uint64_t since = 0, until = 0;  // microseconds since 1970; 0: not said

  std::vector<TimeFormat> times;  // empty: kTime
  ColorMode color = ColorMode::kDefault;
  bool follow = false, only_new = false;
  bool raw = false, json = false, decode = false, escape = true, force_prefix = false;
  bool pager = false, no_pager = false;

  bool shows(TimeFormat format) const;
  void add(TimeFormat format);
  // The combinations of time formats, and what JSON leaves no choice of.
  void settle();
  bool wants_priority(bool color) const {
    return filter_levels || filter_facilities || decode || raw || color || json;
  }
  // Are times told by the calendar?
  bool wants_epoch() const;
};

// One option. False: it was wrong, and that was said.
bool take_option(Settings& settings, int id, const char* argument);

// Options without a letter.
enum LongOption { kNoEscape = 256, kTimeFormat, kSince, kUntil };

}  // namespace ring3::dmesg
