// SPDX-License-Identifier: GPL-2.0-only
// The general registers of an interrupted program, in the order of Linux's struct pt_regs
// (arch/x86/include/asm/ptrace.h), so that one layout serves signal frames, interrupt frames,
// oopses and the kernel API.
#pragma once

#include <cstdint>

namespace ring3::host {

struct Registers {
  uint64_t r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
  uint64_t orig_ax;
  uint64_t ip, cs, flags, sp, ss;
};
static_assert(sizeof(Registers) == 168);

}  // namespace ring3::host
