// SPDX-License-Identifier: GPL-2.0-only
// lib/math/int_log.c: logarithms times 2^24, from a table of log2(1 + i/256) and a straight line
// between its entries.
#include <array>
#include <bit>
#include <cmath>

#include "kapi/kapi.h"
#include "linux/include/bug.h"

namespace ring3::kernel {
namespace {

uint32_t log2_of(uint32_t value) {
  static const auto table = [] {
    std::array<uint16_t, 256> made;
    for (int i = 0; i < 256; i++)
      made[i] = static_cast<uint16_t>(std::lround(std::log2(1 + i / 256.0) * 65536));
    return made;
  }();
  unsigned top = std::bit_width(value) - 1;
  uint32_t significand = value << (31 - top);
  unsigned index = significand >> 23 & 0xff;
  uint32_t step = (table[(index + 1) & 0xff] - table[index]) & 0xffff;
  uint32_t between = (significand & 0x7fffff) * step >> 15;
  return (top << 24) + (uint32_t{table[index]} << 8) + between;
}

KAPI(intlog2, Real, unsigned, (uint32_t value)) { return value ? log2_of(value) : 0; }
KAPI(intlog10, Real, unsigned, (uint32_t value)) {
  constexpr uint64_t kLog10Of2 = 646456993;  // times 2^31
  return value ? static_cast<unsigned>(log2_of(value) * kLog10Of2 >> 31) : 0;
}

}  // namespace
}  // namespace ring3::kernel
