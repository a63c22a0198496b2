// SPDX-License-Identifier: GPL-2.0-only
// Records as lines for people, and as the raw lines of syslog(2): byte for byte what util-linux
// prints. A record is built in one text and written in one piece.
#pragma once

#include <time.h>

#include <string>

#include "colors.h"
#include "index/log_record.h"
#include "json.h"
#include "settings.h"

namespace ring3::dmesg {

class Printer {
 public:
  // `epoch`: what the times count from, in microseconds since 1970.
  Printer(const Settings& settings, int64_t epoch, const Colors& colors)
      : settings_(settings), epoch_(epoch), colors_(colors) {}

  void print(const index::KernelRecord& record);
  // A buffer of syslog(2) as it is.
  void print_raw(std::string_view text);
  // How wide the kernel makes the number of who prints.
  void set_caller_width(size_t width) { caller_width_ = width; }
  void begin();
  void end();
  // What would end the output, were it ended now.
  const char* ending() const { return settings_.json ? Json::kEnd : ""; }

 private:
  struct Moment {
    int64_t seconds = 0, microseconds = 0;
  };

  bool shows(const index::KernelRecord& record) const;
  double delta_of(const index::KernelRecord& record);
  std::string stamp(const index::KernelRecord& record, double delta);
  std::string one_stamp(TimeFormat format, const index::KernelRecord& record, double delta);
  void line(const index::KernelRecord& record, std::string_view text, char after);
  void prefix(const index::KernelRecord& record, bool first);
  void colored(const index::KernelRecord& record, std::string_view text, char after);
  void escaped(std::string_view text, char after);
  std::string decoded_prefix(const index::KernelRecord& record) const;
  tm local_time(const index::KernelRecord& record) const;
  uint64_t time_of(const index::KernelRecord& record) const;
  void flush();

  const Settings& settings_;
  int64_t epoch_;
  const Colors& colors_;
  Json json_;
  std::string out_;
  std::string stamp_, decoded_;
  size_t indent_ = 0;  // of the second and further lines of a record
  size_t caller_width_ = 6;
  bool new_minute_ = false;
  Moment last_;
  tm last_minute_{};
};

}  // namespace ring3::dmesg
