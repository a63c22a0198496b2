// SPDX-License-Identifier: GPL-2.0-only
// Backtraces of a task through module code and runtime code. Module frames are unwound with ORC; a
// call from a module into the runtime left a kapi::CallRecord, which says which function was called
// and where the module's frame continues, so C++ frames are never looked at.
#pragma once

#include <string>
#include <vector>

#include "debug/orc.h"
#include "host/registers.h"
#include "kapi/crossing.h"
#include "module/registry.h"

namespace ring3::debug {

struct TraceEntry {
  uint64_t address = 0;                    // in module space; 0 for a function of the runtime
  bool exact = true;                       // false: a return address
  const kapi::Record* function = nullptr;  // runtime: which
};

class Backtrace {
 public:
  explicit Backtrace(const module::Registry& registry) : registry_(registry) {}

  // From an interrupted instruction, or (registers null) from the running runtime function
  // outwards.
  std::vector<TraceEntry> of_current(const host::Registers* registers) const;

 private:
  const module::Registry& registry_;
};

}  // namespace ring3::debug
