// SPDX-License-Identifier: GPL-2.0-only
#include "link/x86_64/instruction.h"

#include <algorithm>
#include <cstring>

namespace ring3::link::x86_64 {
namespace {

constexpr size_t kLongestNop = 8;
constexpr uint8_t kNops[kLongestNop + 1][kLongestNop] = {
    {},
    {0x90},
    {0x66, 0x90},
    {0x0f, 0x1f, 0x00},
    {0x0f, 0x1f, 0x40, 0x00},
    {0x0f, 0x1f, 0x44, 0x00, 0x00},
    {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
    {0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00},
    {0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
};

}  // namespace

std::optional<Branch> read_branch(std::span<const uint8_t> text, uint64_t address) {
  size_t at = !text.empty() && text[0] == kCsPrefix ? 1 : 0;
  if (text.size() < at + 5) return std::nullopt;
  Branch branch{};
  size_t opcode_size = 1;
  if (text[at] == kCall) {
    branch.kind = Branch::kCall;
  } else if (text[at] == kJump) {
    branch.kind = Branch::kJump;
  } else if (text[at] == 0x0f && (text[at + 1] & 0xf0) == 0x80) {
    branch.kind = Branch::kConditional;
    branch.condition = text[at + 1] & 0x0f;
    opcode_size = 2;
    if (text.size() < at + 6) return std::nullopt;
  } else {
    return std::nullopt;
  }
  int32_t offset;
  std::memcpy(&offset, text.data() + at + opcode_size, 4);
  branch.length = static_cast<uint8_t>(at + opcode_size + 4);
  branch.target = address + branch.length + static_cast<uint64_t>(static_cast<int64_t>(offset));
  return branch;
}

std::optional<int32_t> displacement(uint64_t instruction_end, uint64_t target) {
  int64_t distance = static_cast<int64_t>(target - instruction_end);
  if (distance != static_cast<int32_t>(distance)) return std::nullopt;
  return static_cast<int32_t>(distance);
}

void write_branch(uint8_t* at, uint8_t opcode, int32_t displacement) {
  at[0] = opcode;
  std::memcpy(at + 1, &displacement, 4);
}

size_t write_indirect(uint8_t* at, bool call, unsigned reg) {
  size_t n = 0;
  if (reg >= 8) at[n++] = 0x41;  // REX.B
  at[n++] = 0xff;
  at[n++] = static_cast<uint8_t>((call ? 0xd0 : 0xe0) + (reg & 7));
  return n;
}

void write_nops(uint8_t* at, size_t length) {
  while (length) {
    size_t n = std::min(length, kLongestNop);
    std::memcpy(at, kNops[n], n);
    at += n;
    length -= n;
  }
}

bool is_nop(const uint8_t* at, size_t length) {
  return length <= kLongestNop && std::memcmp(at, kNops[length], length) == 0;
}

}  // namespace ring3::link::x86_64
