// SPDX-License-Identifier: GPL-2.0-only
// Source lines of module code: from the DWARF of the .ko itself, read through libdwfl the first
// time that a report wants it. A module built without -g has none, and the answer is empty.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "module/module.h"

struct Dwfl;
struct Dwfl_Module;

namespace ring3::debug {

class SourceLines {
 public:
  // Opens a file with debug information: a descriptor, or -1. A machine that gave up the host's
  // files has somebody else do it.
  using OpenFile = std::function<int(const std::string& path)>;
  explicit SourceLines(OpenFile open_file = {});
  ~SourceLines();
  // "file.c:12" of an address inside the module's text; empty when unknown. `file` is as DWARF
  // spells it, shortened to its last part when `full_path` is false.
  std::string find(const module::Module& module, uint64_t address, bool full_path = false);

 private:
  struct Debug;
  Debug* open(const std::string& path);
  const OpenFile open_file_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Debug>> opened_;  // by path; null when there is no DWARF
};

}  // namespace ring3::debug
