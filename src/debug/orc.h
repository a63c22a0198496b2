// SPDX-License-Identifier: GPL-2.0-only
// ORC: how to find the caller of a frame of module code (arch/x86/include/asm/orc_types.h,
// Documentation/arch/x86/orc-unwinder.rst). objtool wrote, for ranges of code, where the previous
// stack pointer and %rbp lie; modules carry that in .orc_unwind and .orc_unwind_ip.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "module/module.h"

namespace ring3::debug {

struct FrameState {
  uint64_t ip = 0;
  uint64_t sp = 0;
  uint64_t bp = 0;
  bool exact_ip =
      true;  // the instruction itself; otherwise a return address, the call is before it
  // Registers that ORC may name in the first frame only.
  uint64_t r10 = 0, r13 = 0, dx = 0, di = 0;
};

// Reads a word of the stack that is unwound; nothing when the address is not on it.
using ReadStack = std::function<std::optional<uint64_t>(uint64_t address)>;

// The caller's state; nothing when the table does not cover the frame or the stack ends.
std::optional<FrameState> unwind_module_frame(const module::Module& module, const FrameState& frame,
                                              const ReadStack& read);

}  // namespace ring3::debug
