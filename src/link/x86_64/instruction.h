// SPDX-License-Identifier: GPL-2.0-only
// The few x86-64 instructions that patches read and write: near branches with a 32-bit
// displacement, register-indirect branches, returns, and no-operations of every length (the forms
// that Linux uses, arch/x86/include/asm/nops.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace ring3::link::x86_64 {

inline constexpr uint8_t kCall = 0xe8;
inline constexpr uint8_t kJump = 0xe9;
inline constexpr uint8_t kShortJump = 0xeb;
inline constexpr uint8_t kReturn = 0xc3;
inline constexpr uint8_t kBreakpoint = 0xcc;
inline constexpr uint8_t kCsPrefix = 0x2e;  // -mindirect-branch-cs-prefix pads thunk calls with it

struct Branch {
  enum Kind : uint8_t { kCall, kJump, kConditional } kind;
  uint8_t condition;  // of a conditional jump
  uint8_t length;     // prefix included
  uint64_t target;
};

// The direct near branch at text[0], which stands at `address`.
std::optional<Branch> read_branch(std::span<const uint8_t> text, uint64_t address);

// The displacement from the end of an instruction to `target`; nothing when 32 bits do not reach.
std::optional<int32_t> displacement(uint64_t instruction_end, uint64_t target);

// A call or jump of five bytes.
void write_branch(uint8_t* at, uint8_t opcode, int32_t displacement);
// call *%reg or jmp *%reg; returns its length, 2 or 3.
size_t write_indirect(uint8_t* at, bool call, unsigned reg);
void write_nops(uint8_t* at, size_t length);
bool is_nop(const uint8_t* at, size_t length);  // the one that write_nops() writes, up to 8 bytes

}  // namespace ring3::link::x86_64
