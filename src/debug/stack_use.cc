// SPDX-License-Identifier: GPL-2.0-only
#include "debug/stack_use.h"

#include <fmt/format.h>

#include "machine/stack.h"

namespace ring3::debug {

void StackUse::check(const host::Registers* registers) {
  // What lies above is the task's before an interrupt, which Linux gives a stack of its own.
  uint64_t base = kapi::gs_stack_limit() + machine::kLinuxStackSize;
  ModuleFrames frames = reporter_.module_frames(registers, base);
  if (frames.bytes <= machine::kLinuxStackSize) return;
  std::string function = reporter_.symbol(frames.innermost, !frames.exact);
  {
    machine::SpinGuard guard(lock_);
    // "name+0x12/0x34 [module]": once for the function, not for each place in it.
    if (!reported_
             .insert(function.substr(0, function.find('+')) +
                     function.substr(std::min(function.find(' '), function.size())))
             .second)
      return;
  }
  reporter_.deep_stack(
      registers,
      fmt::format("ring3: {}{} and its callers use {} bytes of kernel stack, Linux gives {} "
                  "and panics",
                  function, reporter_.source(frames.innermost, !frames.exact), frames.bytes,
                  machine::kLinuxStackSize));
}

}  // namespace ring3::debug
