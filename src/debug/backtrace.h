// SPDX-License-Identifier: GPL-2.0-only
// Backtraces of a task through module code and runtime code. Module frames are unwound with ORC; a
// call from a module into the runtime left a kapi::CallRecord, which says which function was called
// and where the module's frame continues, so C++ frames are never looked at.
#pragma once

#include <functional>
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

struct ModuleFrames {
  uint64_t bytes = 0;
  uint64_t innermost = 0;  // an address in the innermost frame's function,
  bool exact = true;       // or, if not exact, behind its call
};

class Backtrace {
 public:
  explicit Backtrace(const module::Registry& registry) : registry_(registry) {}

  // From an interrupted instruction, or (registers null) from the running runtime function
  // outwards.
  std::vector<TraceEntry> of_current(const host::Registers* registers) const;

  // What module frames below `base` take together. The runtime's frames between them are larger
  // than the kernel's, so they do not count.
  ModuleFrames module_frames(const host::Registers* registers, uint64_t base) const;

 private:
  // Visits the frames from the innermost one outwards until visit() says false. `from` and `to`:
  // where a module's frame begins and its caller's; both 0 for a function of the runtime and for a
  // frame whose caller is not found.
  using Visit = std::function<bool(const TraceEntry& entry, uint64_t from, uint64_t to)>;
  void walk(const host::Registers* registers, const Visit& visit) const;

  const module::Registry& registry_;
};

}  // namespace ring3::debug
