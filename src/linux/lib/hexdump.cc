// SPDX-License-Identifier: GPL-2.0-only
// lib/hexdump.c: bytes as hex and back, one line of a dump, and dumps into the log.
#include <cerrno>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/ctype.h"
#include "linux/include/format.h"
#include "linux/include/printk.h"

namespace ring3::kernel {
namespace {

KDATA_INIT(hex_asc, Real, nullptr, 17)
{ std::memcpy(at, "0123456789abcdef", 17); }
KDATA_INIT(hex_asc_upper, Real, nullptr, 17)
{ std::memcpy(at, "0123456789ABCDEF", 17); }

int hex_value(char c) { return is_hex_digit(c) ? digit_value(c) : -1; }

KAPI(hex_to_bin, Real, int, (unsigned char c)) { return hex_value(static_cast<char>(c)); }

KAPI(hex2bin, Real, int, (uint8_t * target, const char* source, size_t count)) {
  for (; count--; source += 2) {
    int high = hex_value(source[0]);
    if (high < 0) return -EINVAL;
    int low = hex_value(source[1]);
    if (low < 0) return -EINVAL;
    *target++ = static_cast<uint8_t>(high << 4 | low);
  }
  return 0;
}

KAPI(bin2hex, Real, char*, (char* target, const void* source, size_t count)) {
  auto bytes = static_cast<const uint8_t*>(source);
  for (; count--; bytes++) {
    *target++ = "0123456789abcdef"[*bytes >> 4];
    *target++ = "0123456789abcdef"[*bytes & 15];
  }
  return target;
}

// A row of 16 or 32 bytes in groups of 1, 2, 4 or 8 (numbers in the machine's order), and the
// characters behind them, always in the same column.
int dump_line(const void* memory, size_t size, int row, int group, char* line, size_t room,
              bool characters) {
  if (row != 16 && row != 32) row = 16;
  if (size > static_cast<size_t>(row)) size = row;
  if (group != 1 && group != 2 && group != 4 && group != 8) group = 1;
  if (size % group) group = 1;
  size_t groups = size / group;
  size_t column = row * 2 + row / group + 1;

  format::Output out(line, room);
  auto bytes = static_cast<const uint8_t*>(memory);
  if (!room) return static_cast<int>(characters ? column + size : groups * (2 * group + 1) - 1);
  if (!size) {
    out.terminate();
    return 0;
  }
  for (size_t i = 0; i < groups; i++) {
    uint64_t value = 0;
    std::memcpy(&value, bytes + i * group, group);
    if (i) out.put(' ');
    format::number(out, value,
                   {.width = 2 * group, .flags = format::kSmall | format::kZero, .base = 16});
  }
  if (characters) {
    while (out.used() < column) out.put(' ');
    for (size_t i = 0; i < size; i++) {
      char c = static_cast<char>(bytes[i]);
      out.put(is_ascii(c) && is_print(c) ? c : '.');
    }
  }
  out.terminate();
  return static_cast<int>(out.used());
}

KAPI(hex_dump_to_buffer, Real, int,
     (const void* memory, size_t size, int row, int group, char* line, size_t room,
      bool characters)) {
  return dump_line(memory, size, row, group, line, room, characters);
}

// linux/printk.h
enum { kPrefixNone, kPrefixAddress, kPrefixOffset };

KAPI(print_hex_dump, Real, void,
     (const char* level, const char* prefix, int prefix_type, int row, int group,
      const void* memory, size_t size, bool characters)) {
  if (row != 16 && row != 32) row = 16;
  auto bytes = static_cast<const uint8_t*>(memory);
  for (size_t at = 0; at < size; at += row) {
    char line[32 * 3 + 2 + 32 + 1];
    size_t part = size - at < static_cast<size_t>(row) ? size - at : row;
    dump_line(bytes + at, part, row, group, line, sizeof(line), characters);
    if (prefix_type == kPrefixAddress)
      kernel_print("%s%s%p: %s\n", level, prefix, bytes + at, line);
    else if (prefix_type == kPrefixOffset)
      kernel_print("%s%s%.8x: %s\n", level, prefix, static_cast<int>(at), line);
    else
      kernel_print("%s%s%s\n", level, prefix, line);
  }
}

}  // namespace
}  // namespace ring3::kernel
