// SPDX-License-Identifier: GPL-2.0-only
#include "machine/kmsg.h"

#include "machine/log_text.h"

namespace ring3::machine {
namespace {

// lseek's, by Linux's numbers.
enum Whence { kSeekSet = 0, kSeekEnd = 2, kSeekData = 3 };
constexpr uint8_t kUser = 1;  // facility

// "<14>": taken off the text. Only digits count, as many as there are, modulo 2^32.
bool take_priority(std::string_view& text, uint32_t& priority) {
  if (!text.starts_with('<')) return false;
  priority = 0;
  size_t at = 1;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; at++)
    priority = priority * 10 + static_cast<uint32_t>(text[at] - '0');
  if (at >= text.size() || text[at] != '>') return false;
  text.remove_prefix(at + 1);
  return true;
}

}  // namespace

Result<std::string> KmsgReader::read(size_t size) {
  Log::Cursor before = cursor_;
  LogRecord record;
  if (!log_.read(cursor_, record)) return Error{EAGAIN, ""};
  if (record.sequence != before.sequence) {
    cursor_ = before;
    cursor_.sequence = record.sequence;
    return Error{EPIPE, ""};
  }
  std::string text;
  append_kmsg(text, view_of(record));
  if (text.size() > limits_.read_max) {
    // The newline comes out of a buffer that the text filled.
    text.resize(limits_.read_max);
    text.back() = '\n';
  }
  if (text.size() > size) return Error{EINVAL, ""};
  return text;
}

Result<int64_t> KmsgReader::seek(int64_t offset, int whence) {
  if (offset) return Error{ESPIPE, ""};
  switch (whence) {
    case kSeekSet:
      cursor_ = {log_.first()};
      return int64_t{0};
    case kSeekData:
      cursor_ = {log_.cleared()};
      return int64_t{0};
    case kSeekEnd:
      cursor_ = {log_.next()};
      return int64_t{0};
    default:
      return Error{EINVAL, ""};
  }
}

Result<int64_t> kmsg_write(Log& log, std::string_view text, uint8_t level, uint64_t caller,
                           KmsgLimits limits) {
  if (text.size() > limits.write_max) return Error{EINVAL, ""};
  auto size = static_cast<int64_t>(text.size());
  text = text.substr(0, text.find('\0'));
  Log::Entry entry{.caller = caller, .level = level, .facility = kUser};
  uint32_t priority = 0;
  if (take_priority(text, priority)) {
    entry.level = static_cast<uint8_t>(priority & 7);
    if (auto facility = static_cast<uint8_t>(priority >> 3)) entry.facility = facility;
  }
  entry.newline = text.ends_with('\n');
  if (entry.newline) text.remove_suffix(1);
  entry.text = text;
  log.write(entry);
  return size;
}

}  // namespace ring3::machine
