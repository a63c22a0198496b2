// SPDX-License-Identifier: GPL-2.0-only
// Linux gives a task 16 KiB of stack and panics when a module takes more. Ours are larger, for the
// sake of the runtime's frames, so a module that would not live there must be told: whenever module
// code is deeper than all of Linux's stack would be, its own frames are added up.
#pragma once

#include <string>
#include <unordered_set>

#include "debug/report.h"

namespace ring3::debug {

class StackUse {
 public:
  explicit StackUse(Reporter& reporter) : reporter_(reporter) {}

  // The running task is deep (MachineHooks::stack_is_deep). Reports it once for each function.
  void check(const host::Registers* registers);

 private:
  Reporter& reporter_;
  machine::SpinLock lock_;
  std::unordered_set<std::string> reported_;
};

}  // namespace ring3::debug
