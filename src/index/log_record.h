// SPDX-License-Identifier: GPL-2.0-only
// A record of a kernel's log as dmesg sees it, and the two texts that records come in: what a read
// of /dev/kmsg gives, and the lines of syslog(2). Both are read the way util-linux's dmesg reads
// them, damaged lines included, since a file of them may come from anywhere: what is no number, no
// time or no prefix belongs to the message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace ring3::index {

struct KernelRecord {
  uint64_t sequence = 0;  // syslog(2) does not say it
  int facility = -1;      // -1: not said, or not looked for
  int level = -1;
  int64_t seconds = 0, microseconds = 0;
  std::string caller;  // "T123" or "C1", where the kernel says it
  std::string text;    // bytes; its lines are separated by '\n'
  // The byte that stands behind the text in a syslog(2) buffer: a newline at the text's end is
  // followed by it.
  char after = 0;
};

// One record, with or without the lines of its dictionary. Without `priority` its first field is
// passed over. Nothing: there is no record in it.
std::optional<KernelRecord> parse_kmsg(std::string_view record, bool priority = true);

// A file of such records: each ends at a NUL byte, or where a line begins that is not of the
// dictionary (what `cat /dev/kmsg` writes).
class KmsgText {
 public:
  explicit KmsgText(std::string_view text) : rest_(text) {}
  std::optional<std::string_view> next();

 private:
  std::string_view rest_;
};

// The records of a syslog(2) buffer: "<6>[    1.234567] text". A record goes on until a line begins
// with '<'.
class SyslogText {
 public:
  SyslogText(std::string_view text, bool priority) : rest_(text), priority_(priority) {}
  std::optional<KernelRecord> next();

 private:
  KernelRecord parse(std::string_view line, bool last) const;
  char at(std::string_view line, size_t place) const;

  std::string_view rest_;
  bool priority_;
};

}  // namespace ring3::index
