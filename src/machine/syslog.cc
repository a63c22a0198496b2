// SPDX-License-Identifier: GPL-2.0-only
#include "machine/syslog.h"

#include <algorithm>
#include <vector>

#include "machine/log_text.h"

namespace ring3::machine {

std::string Syslog::lines_of(const LogRecord& record) const {
  std::string text;
  append_lines(text, view_of(record), {.time = times_, .raw = true});
  return text;
}

uint64_t Syslog::next_unread() const {
  std::scoped_lock lock(mutex_);
  return unread_.sequence;
}

// As many bytes as there are, at most `size`: first what is left of a record that was cut.
Syslog::Answer Syslog::read(size_t size) {
  Answer answer;
  while (answer.text.size() < size) {
    Log::Cursor before = unread_;
    LogRecord record;
    if (!log_.read(unread_, record)) break;
    if (record.sequence != before.sequence) unread_skip_ = 0;  // the cut one was dropped
    std::string text = lines_of(record);
    std::string rest = text.substr(std::min(unread_skip_, text.size()));
    size_t room = size - answer.text.size();
    // Linux begins a record only if it fits, unless nothing is in the buffer yet.
    if (rest.size() <= room) {
      answer.text += rest;
      unread_skip_ = 0;
      continue;
    }
    if (answer.text.empty()) {
      answer.text = rest.substr(0, room);
      unread_skip_ += room;
    }
    unread_ = before;
    unread_.sequence = record.sequence;
    break;
  }
  answer.result = static_cast<int64_t>(answer.text.size());
  return answer;
}

Syslog::Answer Syslog::read_all(size_t size, bool clear) {
  std::vector<std::string> texts;
  size_t total = 0;
  Log::Cursor cursor{log_.cleared()};
  for (LogRecord record; log_.read(cursor, record);) {
    texts.push_back(lines_of(record));
    total += texts.back().size();
  }
  size_t first = 0;
  for (; first < texts.size() && total > size; first++) total -= texts[first].size();
  Answer answer;
  for (; first < texts.size(); first++) answer.text += texts[first];
  answer.result = static_cast<int64_t>(answer.text.size());
  if (clear) log_.mark_cleared(cursor.sequence);
  return answer;
}

int64_t Syslog::unread_size() const {
  int64_t size = 0;
  Log::Cursor cursor = unread_;
  for (LogRecord record; log_.read(cursor, record);) {
    if (size == 0 && record.sequence == unread_.sequence)
      size -= static_cast<int64_t>(unread_skip_);
    size += static_cast<int64_t>(lines_of(record).size());
  }
  return size;
}

Result<Syslog::Answer> Syslog::call(int action, int64_t length) {
  std::scoped_lock lock(mutex_);
  constexpr int kLowest = 1, kHighest = 8;
  switch (action) {
    case kSyslogClose:
    case kSyslogOpen:
      return Answer{};
    case kSyslogRead:
      if (length < 0) return Error{EINVAL, ""};
      return length ? read(static_cast<size_t>(length)) : Answer{};
    case kSyslogReadAll:
    case kSyslogReadClear:
      if (length < 0) return Error{EINVAL, ""};
      if (!length) return Answer{};
      return read_all(static_cast<size_t>(length), action == kSyslogReadClear);
    case kSyslogClear:
      log_.mark_cleared();
      return Answer{};
    case kSyslogConsoleOff:
      if (saved_console_level_ < 0) saved_console_level_ = console_level_;
      console_level_ = minimum_level_;
      return Answer{};
    case kSyslogConsoleOn:
      if (saved_console_level_ >= 0) console_level_ = saved_console_level_;
      saved_console_level_ = -1;
      return Answer{};
    case kSyslogConsoleLevel:
      if (length < kLowest || length > kHighest) return Error{EINVAL, ""};
      console_level_ = std::max(static_cast<int>(length), minimum_level_);
      saved_console_level_ = -1;
      return Answer{};
    case kSyslogSizeUnread:
      return Answer{unread_size(), ""};
    case kSyslogSizeBuffer:
      return Answer{static_cast<int64_t>(log_.capacity()), ""};
    default:
      return Error{EINVAL, ""};
  }
}

}  // namespace ring3::machine
