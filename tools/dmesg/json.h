// SPDX-License-Identifier: GPL-2.0-only
// dmesg --json, laid out as util-linux does: a record can be printed when it comes, and what was
// printed so far becomes whole by kEnd.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "escape.h"

namespace ring3::dmesg {

class Json {
 public:
  static constexpr const char* kBegin = "{\n   \"dmesg\": [\n";
  static constexpr const char* kEnd = "\n   ]\n}\n";

  struct Record {
    std::string_view facility, level;  // --decode; empty: not known
    std::optional<int> priority;
    std::string time;
    std::string_view caller;
    std::string_view text;
  };
  void append(std::string& out, const Record& record) {
    out += first_ ? "      {" : ",{";
    const char* before = "\n";
    auto name = [&](const char* name) {
      out += before;
      out += "         \"";
      out += name;
      out += "\": ";
      before = ",\n";
    };
    if (!record.level.empty()) {
      name("fac");
      append_json_string(out, record.facility);
      name("pri");
      append_json_string(out, record.level);
    }
    if (record.priority) {
      name("pri");
      out += std::to_string(*record.priority);
    }
    name("time");
    out += record.time;
    if (!record.caller.empty()) {
      name("caller");
      append_json_string(out, record.caller);
    }
    name("msg");
    append_json_string(out, record.text);
    out += "\n      }";
    first_ = false;
  }

 private:
  bool first_ = true;
};

}  // namespace ring3::dmesg
