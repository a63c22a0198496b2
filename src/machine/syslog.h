// SPDX-License-Identifier: GPL-2.0-only
// The actions of syslog(2) on a log, with Linux's results: two readers share the log, one that
// every record leaves behind (READ, as klogd did it) and one that looks at what was not cleared
// (READ_ALL, as dmesg does). A text that does not fit is cut where Linux cuts it: READ fills the
// buffer, in the middle of a line if need be, and goes on there; READ_ALL leaves out the oldest
// records.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "base/result.h"
#include "machine/log.h"

namespace ring3::machine {

// Actions by Linux's numbers (include/linux/syslog.h).
enum SyslogAction : int {
  kSyslogClose,
  kSyslogOpen,
  kSyslogRead,
  kSyslogReadAll,
  kSyslogReadClear,
  kSyslogClear,
  kSyslogConsoleOff,
  kSyslogConsoleOn,
  kSyslogConsoleLevel,
  kSyslogSizeUnread,
  kSyslogSizeBuffer,
};

class Syslog {
 public:
  // `console_level` and `minimum_level` are what /proc/sys/kernel/printk shows.
  Syslog(Log& log, int& console_level, const int& minimum_level, bool times = true)
      : log_(log), console_level_(console_level), minimum_level_(minimum_level), times_(times) {}

  struct Answer {
    int64_t result = 0;
    std::string text;
  };
  // The error is an errno. kSyslogRead gives 0 where Linux would wait: the caller waits for the log
  // to reach next_unread() and asks again.
  Result<Answer> call(int action, int64_t length);
  uint64_t next_unread() const;

 private:
  Answer read(size_t size);
  Answer read_all(size_t size, bool clear);
  int64_t unread_size() const;
  std::string lines_of(const LogRecord& record) const;

  Log& log_;
  int& console_level_;
  const int& minimum_level_;
  const bool times_;
  mutable std::mutex mutex_;
  Log::Cursor unread_;
  size_t unread_skip_ = 0;  // bytes of its first record that were read already
  int saved_console_level_ = -1;
};

}  // namespace ring3::machine
