// SPDX-License-Identifier: GPL-2.0-only
#include "debug/instruction.h"

#include <cstring>

namespace ring3::debug {
namespace {

bool is_prefix(uint8_t byte) {
  for (uint8_t prefix : {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3})
    if (byte == prefix) return true;
  return false;
}

// One-byte opcodes with a ModRM byte: the arithmetic rows, and these ranges.
bool has_modrm(uint8_t opcode) {
  if (opcode < 0x40) return (opcode & 7) < 4;
  return opcode == 0x63 || opcode == 0x69 || opcode == 0x6b || (opcode >= 0x80 && opcode <= 0x8f) ||
         opcode == 0xc0 || opcode == 0xc1 || opcode == 0xc6 || opcode == 0xc7 ||
         (opcode >= 0xd0 && opcode <= 0xd3) || opcode == 0xf6 || opcode == 0xf7 || opcode >= 0xfe;
}

// String instructions name their operands by register: movs and cmps read [rsi], stos and scas use
// [rdi].
std::optional<uint64_t> string_operand(uint8_t opcode, const host::Registers& r) {
  switch (opcode) {
    case 0xa4:
    case 0xa5:
    case 0xa6:
    case 0xa7:
    case 0xac:
    case 0xad:
      return r.si;
    case 0xaa:
    case 0xab:
    case 0xae:
    case 0xaf:
      return r.di;
    default:
      return std::nullopt;
  }
}

}  // namespace

uint64_t& register_by_number(host::Registers& r, unsigned number) {
  uint64_t* all[16] = {&r.ax, &r.cx, &r.dx,  &r.bx,  &r.sp,  &r.bp,  &r.si,  &r.di,
                       &r.r8, &r.r9, &r.r10, &r.r11, &r.r12, &r.r13, &r.r14, &r.r15};
  return *all[number % 16];
}

std::optional<uint64_t> memory_operand(const uint8_t* code, const host::Registers& registers) {
  host::Registers r = registers;
  const uint8_t* at = code;
  while (is_prefix(*at)) at++;
  uint8_t rex = 0;
  if ((*at & 0xf0) == 0x40) rex = *at++;
  if (*at == 0x0f) {
    at++;
    if (*at == 0x38 || *at == 0x3a) at++;
    at++;
  } else {
    if (auto address = string_operand(*at, r)) return address;
    if (!has_modrm(*at)) return std::nullopt;
    at++;
  }
  uint8_t modrm = *at++;
  unsigned mod = modrm >> 6, rm = modrm & 7;
  if (mod == 3) return std::nullopt;
  uint64_t address = 0;
  bool disp32 = mod == 2;
  if (rm == 4) {
    uint8_t sib = *at++;
    unsigned base = (sib & 7) | (rex & 1) << 3, index = (sib >> 3 & 7) | (rex & 2) << 2;
    if (index != 4) address += register_by_number(r, index) << (sib >> 6);
    if ((sib & 7) == 5 && mod == 0)
      disp32 = true;
    else
      address += register_by_number(r, base);
  } else if (rm == 5 && mod == 0) {
    return std::nullopt;  // relative to the instruction: never a wild pointer
  } else {
    address = register_by_number(r, rm | (rex & 1) << 3);
  }
  if (mod == 1) address += static_cast<uint64_t>(static_cast<int64_t>(static_cast<int8_t>(*at)));
  if (disp32) {
    int32_t displacement;
    std::memcpy(&displacement, at, sizeof(displacement));
    address += static_cast<uint64_t>(static_cast<int64_t>(displacement));
  }
  return address;
}

}  // namespace ring3::debug
