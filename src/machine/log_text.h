// SPDX-License-Identifier: GPL-2.0-only
// Log records as people and programs read them:
//
//   dmesg         [    0.123456] text              each line of a text gets the prefix
//   dmesg -t      text
//   dmesg -r      <6>[    0.123456] text           as syslog(2) gives it
//   dmesg -J      {"pri":6,"time":0.123456,"msg":"text"}     one record, with seq and facility
//   /dev/kmsg     6,339,123456,-;text\n SUBSYSTEM=pci\n      what libkmod and journald read
#pragma once

#include <string>

#include "machine/log.h"

namespace ring3::machine {

struct LogStyle {
  bool time = true;
  bool raw = false;  // "<6>" in front
};

// Appends the record's lines, each ended by '\n'.
void append_lines(std::string& out, const LogRecordView& record, const LogStyle& style = {});
// Appends one JSON object, without a newline.
void append_json(std::string& out, const LogRecordView& record);
// Appends the record as a read of /dev/kmsg returns it.
void append_kmsg(std::string& out, const LogRecordView& record);
// "[    0.123456] "
void append_time(std::string& out, uint64_t time_ns);

const char* level_name(unsigned level);        // "emerg" to "debug"
const char* facility_name(unsigned facility);  // "kern" to "local7", null beyond

inline LogRecordView view_of(const LogRecord& record) {
  return {record, record.text, record.dictionary};
}

}  // namespace ring3::machine
