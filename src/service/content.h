// SPDX-License-Identifier: GPL-2.0-only
// What replies carry besides one text: the entries of a folder, a stretch of the log, the answer of
// syslog(2), how the machine is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace ring3::service {

struct Entry {
  enum class Kind : uint8_t { kDirectory, kRegular, kLink };
  std::string name;
  Kind kind = Kind::kRegular;
  uint16_t mode = 0;   // permission bits
  std::string target;  // of a link
};
std::string encode(const std::vector<Entry>& entries);
std::optional<std::vector<Entry>> decode_entries(Bytes bytes);

// As machine::LogRecord: see machine/log.h.
struct Record {
  uint64_t sequence = 0;
  uint64_t time_ns = 0;
  uint8_t level = 6;
  uint8_t facility = 0;
  bool continuation = false;
  std::string text;        // lines are separated by '\n'
  std::string dictionary;  // "SUBSYSTEM=pci\nDEVICE=+pci:...", or empty
};
struct LogPart {
  std::vector<Record> records;
  uint64_t next = 0;     // where the reader goes on
  uint64_t dropped = 0;  // records that were lost between what was asked for and the first one here
  uint64_t first = 0;    // sequence number of the oldest record that there is
  uint64_t end = 0;      // of the next one to come
  uint64_t cleared = 0;  // dmesg shows from here on
  bool ended = false;    // the machine ends: nothing more will come
};
std::string encode(const LogPart& part);
std::optional<LogPart> decode_log_part(Bytes bytes);

struct Status {
  std::string name;     // the machine's
  std::string release;  // of the kernel that it is
  uint64_t process = 0;
  uint64_t cpus = 0;
  uint64_t uptime_ns = 0;
  uint64_t modules = 0;
  uint64_t clients = 0;
  uint64_t taints = 0;
  uint64_t oopses = 0;
  bool confined = false;  // the sandbox is on
  uint64_t landlock = 0;  // its version; 0: the host has none
};
std::string encode(const Status& status);
std::optional<Status> decode_status(Bytes bytes);

}  // namespace ring3::service
