// SPDX-License-Identifier: GPL-2.0-only
#include "machine/log_text.h"

#include <fmt/format.h>

#include <iterator>

#include "base/text.h"

namespace ring3::machine {
namespace {

constexpr const char* kLevelNames[] = {"emerg", "alert",  "crit", "err",
                                       "warn",  "notice", "info", "debug"};
constexpr const char* kFacilityNames[] = {
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "authpriv", "ftp",    "res0",   "res1",   "res2",   "res3",
    "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};

unsigned priority(const LogHead& head) { return head.facility << 3 | head.level; }

// As /dev/kmsg quotes: control bytes, bytes beyond ASCII and the backslash become \xNN.
void append_quoted(std::string& out, std::string_view text) {
  for (unsigned char c : text) {
    if (c < ' ' || c >= 127 || c == '\\')
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", c);
    else
      out += static_cast<char>(c);
  }
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < ' ' || c >= 127) {
      // A record is bytes in no stated encoding: each one is a character of Latin-1.
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
    } else {
      out += static_cast<char>(c);
    }
  }
  out += '"';
}

}  // namespace

void append_time(std::string& out, uint64_t time_ns) {
  fmt::format_to(std::back_inserter(out), "[{:5}.{:06}] ", time_ns / 1'000'000'000,
                 time_ns / 1000 % 1'000'000);
}

void append_lines(std::string& out, const LogRecordView& record, const LogStyle& style) {
  std::string_view rest = record.text;
  for (;;) {
    size_t end = rest.find('\n');
    if (style.raw) fmt::format_to(std::back_inserter(out), "<{}>", priority(record));
    if (style.time) append_time(out, record.time_ns);
    out += rest.substr(0, end);
    out += '\n';
    if (end == std::string_view::npos) return;
    rest.remove_prefix(end + 1);
  }
}

void append_json(std::string& out, const LogRecordView& record) {
  fmt::format_to(std::back_inserter(out),
                 "{{\"pri\":{},\"time\":{}.{:06},\"seq\":{},\"msg\":", priority(record),
                 record.time_ns / 1'000'000'000, record.time_ns / 1000 % 1'000'000,
                 record.sequence);
  append_json_string(out, record.text);
  for_each_line(record.dictionary, [&](std::string_view line) {
    std::string_view value = line;
    std::string_view key = take_field(value, '=');
    out += ',';
    append_json_string(out, key);
    out += ':';
    append_json_string(out, value);
  });
  out += '}';
}

void append_kmsg(std::string& out, const LogRecordView& record) {
  fmt::format_to(std::back_inserter(out), "{},{},{},{};", priority(record), record.sequence,
                 record.time_ns / 1000, record.continuation ? 'c' : '-');
  append_quoted(out, record.text);
  out += '\n';
  for_each_line(record.dictionary, [&](std::string_view line) {
    out += ' ';
    append_quoted(out, line);
    out += '\n';
  });
}

const char* level_name(unsigned level) { return kLevelNames[level & 7]; }
const char* facility_name(unsigned facility) {
  return facility < std::size(kFacilityNames) ? kFacilityNames[facility] : nullptr;
}

}  // namespace ring3::machine
