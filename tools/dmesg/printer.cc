// SPDX-License-Identifier: GPL-2.0-only
#include "printer.h"

#include <fmt/format.h>

#include <cstdio>

#include "escape.h"
#include "names.h"

namespace ring3::dmesg {
namespace {

using index::KernelRecord;

constexpr int64_t kSecond = 1'000'000;

// printf's, whose decimal point is the locale's.
template <class... A>
std::string format(const char* text, A... arguments) {
  char buffer[256];
  int size = std::snprintf(buffer, sizeof(buffer), text, arguments...);
  return {buffer, std::min(static_cast<size_t>(size), sizeof(buffer) - 1)};
}

std::string calendar(const char* format, const tm& time) {
  char buffer[128];
  return {buffer, ::strftime(buffer, sizeof(buffer), format, &time)};
}

std::string plain_time(const KernelRecord& record) {
  return format("%5ld.%06ld", static_cast<long>(record.seconds),
                static_cast<long>(record.microseconds));
}

bool has_names(const KernelRecord& record) {
  return record.level >= 0 && record.facility >= 0 &&
         record.facility < static_cast<int>(kFacilities.size());
}

int priority(const KernelRecord& record) { return (record.facility << 3) | record.level; }

}  // namespace

uint64_t Printer::time_of(const KernelRecord& record) const {
  return static_cast<uint64_t>(epoch_) + static_cast<uint64_t>(record.seconds) * kSecond +
         static_cast<uint64_t>(record.microseconds);
}

tm Printer::local_time(const KernelRecord& record) const {
  auto seconds = static_cast<time_t>(time_of(record) / kSecond);
  tm time{};
  ::localtime_r(&seconds, &time);
  return time;
}

bool Printer::shows(const KernelRecord& record) const {
  const Settings& want = settings_;
  if (want.filter_levels &&
      (record.level < 0 || !want.levels.test(static_cast<size_t>(record.level))))
    return false;
  if (want.filter_facilities &&
      (record.facility < 0 || !want.facilities.test(static_cast<size_t>(record.facility))))
    return false;
  if (want.filter_levels && record.facility < 0) return false;
  if (want.since && want.since >= time_of(record)) return false;
  return !want.until || want.until > time_of(record);
}

double Printer::delta_of(const KernelRecord& record) {
  double delta = 0;
  if (last_.seconds || last_.microseconds)
    delta = static_cast<double>(record.seconds - last_.seconds) +
            static_cast<double>(record.microseconds - last_.microseconds) / kSecond;
  last_ = {record.seconds, record.microseconds};
  return delta;
}

std::string Printer::one_stamp(TimeFormat which, const KernelRecord& record, double delta) {
  constexpr const char* kCalendar = "%a %b %e %H:%M:%S %Y";
  switch (which) {
    case TimeFormat::kNone:
      return {};
    case TimeFormat::kCtime:
      return fmt::format("[{}] ", calendar(kCalendar, local_time(record)));
    case TimeFormat::kCtimeDelta:
      return fmt::format("[{} <{}>] ", calendar(kCalendar, local_time(record)),
                         format("%12.06f", delta));
    case TimeFormat::kDelta:
      return format("[<%12.06f>] ", delta);
    case TimeFormat::kRelative: {
      tm now = local_time(record);
      new_minute_ = now.tm_min != last_minute_.tm_min || now.tm_hour != last_minute_.tm_hour ||
                    now.tm_yday != last_minute_.tm_yday;
      last_minute_ = now;
      if (new_minute_) return fmt::format("[{}] ", calendar("%b%e %H:%M", now));
      return format(delta < 10 ? "[  %+8.06f] " : "[ %+9.06f] ", delta);
    }
    case TimeFormat::kTime:
      return fmt::format("[{}] ", plain_time(record));
    case TimeFormat::kTimeDelta:
      return fmt::format("[{} <{}>] ", plain_time(record), format("%12.06f", delta));
    case TimeFormat::kIso: {
      tm now = local_time(record);
      int minutes = static_cast<int>(now.tm_gmtoff / 60);
      return format("%4ld-%.2d-%.2dT%02d:%02d:%02d,%06u%+03d:%02d ", now.tm_year + 1900L,
                    now.tm_mon + 1, now.tm_mday, now.tm_hour, now.tm_min, now.tm_sec,
                    static_cast<unsigned>(time_of(record) % kSecond), minutes / 60,
                    std::abs(minutes % 60));
    }
  }
  return {};
}

// With several times the second line of a record is indented by the last.
std::string Printer::stamp(const KernelRecord& record, double delta) {
  new_minute_ = false;
  if (settings_.raw) {
    std::string text = fmt::format("<{}>[{}] ", priority(record), plain_time(record));
    indent_ = text.size();
    return text;
  }
  if (settings_.times.empty()) {
    std::string text = one_stamp(TimeFormat::kTime, record, delta);
    indent_ = text.size();
    return text;
  }
  std::string all;
  bool new_minute = false;
  for (TimeFormat which : settings_.times) {
    std::string text = one_stamp(which, record, delta);
    new_minute |= new_minute_;
    indent_ = text.size();
    all += text;
  }
  new_minute_ = new_minute;
  return all;
}

std::string Printer::decoded_prefix(const KernelRecord& record) const {
  if (!settings_.decode || !has_names(record)) return {};
  return fmt::format("{:<6}:{:<6}: ", kFacilities[static_cast<size_t>(record.facility)],
                     kLevels[static_cast<size_t>(record.level)]);
}

void Printer::escaped(std::string_view text, char after) {
  append_escaped(out_, text, {.escape = settings_.escape, .indent = indent_, .after = after});
}

void Printer::colored(const KernelRecord& record, std::string_view text, char after) {
  size_t head = subsystem_size(text);
  if (head) {
    out_ += colors_.sequence(Color::kSubsystem);
    escaped(text.substr(0, head), head < text.size() ? text[head] : after);
    out_ += Colors::kReset;
    text.remove_prefix(head);
  }
  auto color = message_color(record.level, text);
  if (color) out_ += colors_.sequence(*color);
  escaped(text, after);
  if (color) out_ += Colors::kReset;
}

void Printer::prefix(const KernelRecord& record, bool first) {
  out_ += decoded_;
  if (!stamp_.empty()) {
    if (colors_.on()) out_ += colors_.sequence(new_minute_ ? Color::kNewMinute : Color::kTime);
    // The further lines of a record came at the same moment.
    out_ += first || !settings_.shows(TimeFormat::kRelative) ? stamp_ : "[  +0.000000] ";
    if (colors_.on()) out_ += Colors::kReset;
  }
  if (!record.caller.empty()) {
    std::string caller = fmt::format("[{:>{}}] ", record.caller, caller_width_);
    indent_ += caller.size();
    out_ += caller;
  }
}

void Printer::line(const KernelRecord& record, std::string_view text, char after) {
  if (colors_.on())
    colored(record, text, after);
  else
    escaped(text, after);
}

void Printer::print(const KernelRecord& record) {
  if (!shows(record)) {
    last_ = {record.seconds, record.microseconds};
    return;
  }
  if (settings_.json) {
    if (record.text.empty()) return;
    Json::Record row{.time = plain_time(record), .caller = record.caller, .text = record.text};
    if (has_names(record) && settings_.decode) {
      row.facility = kFacilities[static_cast<size_t>(record.facility)];
      row.level = kLevels[static_cast<size_t>(record.level)];
    } else if (has_names(record)) {
      row.priority = priority(record);
    }
    json_.append(out_, row);
    return flush();
  }
  if (record.text.empty()) {
    out_ += '\n';
    return flush();
  }
  double delta = delta_of(record);
  stamp_ = stamp(record, delta);
  decoded_ = settings_.raw ? std::string() : decoded_prefix(record);
  indent_ += decoded_.size();
  if (!settings_.force_prefix) {
    prefix(record, true);
    line(record, record.text, record.after);
  } else {
    bool first = true;
    std::string_view rest = std::string_view(record.text).substr(0, record.text.find('\0'));
    while (!rest.empty()) {
      size_t end = std::min(rest.find('\n'), rest.size());
      std::string_view text = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (text.empty()) continue;
      if (!first) out_ += '\n';
      prefix(record, first);
      line(record, text, '\0');
      first = false;
    }
    if (first) prefix(record, true);
  }
  out_ += '\n';
  flush();
}

void Printer::print_raw(std::string_view text) {
  append_escaped(out_, text, {.escape = settings_.escape, .indent = 0, .after = 0});
  if (!text.ends_with('\n')) out_ += '\n';
  flush();
}

void Printer::begin() {
  if (settings_.json) out_ += Json::kBegin;
  flush();
}

void Printer::end() {
  if (settings_.json) out_ += Json::kEnd;
  flush();
}

void Printer::flush() {
  std::fwrite(out_.data(), 1, out_.size(), stdout);
  out_.clear();
}

}  // namespace ring3::dmesg
