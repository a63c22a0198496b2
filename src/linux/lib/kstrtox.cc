// SPDX-License-Identifier: GPL-2.0-only
// lib/kstrtox.c, and simple_strto* of lib/vsprintf.c: text to numbers. kstrto* want the whole text
// (one newline may end it) and say -EINVAL or -ERANGE; simple_strto* stop where the digits do and
// do not notice overflow.
#include <cerrno>
#include <cstdint>
#include <limits>

#include "kapi/kapi.h"
#include "linux/include/ctype.h"
#include "linux/include/string.h"

namespace ring3::kernel {
namespace {

// Base 0 becomes 16, 8 or 10; "0x" in front of hexadecimal digits is skipped.
const char* read_radix(const char* text, unsigned& base) {
  bool hex = text[0] == '0' && to_lower(text[1]) == 'x';
  if (base == 0) base = text[0] != '0' ? 10 : hex && is_hex_digit(text[2]) ? 16 : 8;
  if (base == 16 && hex) text += 2;
  return text;
}

struct Digits {
  uint64_t value = 0;
  size_t count = 0;
  bool overflow = false;
};

Digits read_digits(const char* text, unsigned base, size_t max_chars) {
  Digits digits;
  while (digits.count < max_chars) {
    unsigned value = digit_value(text[digits.count]);
    if (value >= base) break;
    if (__builtin_mul_overflow(digits.value, base, &digits.value) |
        __builtin_add_overflow(digits.value, value, &digits.value))
      digits.overflow = true;
    digits.count++;
  }
  return digits;
}

int whole(const char* text, unsigned base, uint64_t& value) {
  text = read_radix(text, base);
  Digits digits = read_digits(text, base, INT32_MAX);
  if (digits.overflow) return -ERANGE;
  if (!digits.count) return -EINVAL;
  text += digits.count;
  if (*text == '\n') text++;
  if (*text) return -EINVAL;
  value = digits.value;
  return 0;
}

template <class T>
int narrowed(const char* text, unsigned base, T* result) {
  if constexpr (std::is_signed_v<T>) {
    int64_t value;
    if (int error = parse_signed(text, base, value)) return error;
    if (value != static_cast<T>(value)) return -ERANGE;
    *result = static_cast<T>(value);
  } else {
    uint64_t value;
    if (int error = parse_unsigned(text, base, value)) return error;
    if (value != static_cast<T>(value)) return -ERANGE;
    *result = static_cast<T>(value);
  }
  return 0;
}

}  // namespace

uint64_t parse_digits(const char* text, const char** end, unsigned base, size_t max_chars) {
  const char* begin = read_radix(text, base);
  size_t prefix = begin - text;
  if (prefix >= max_chars) {
    if (end) *end = text + max_chars;
    return 0;
  }
  Digits digits = read_digits(begin, base, max_chars - prefix);
  if (end) *end = begin + digits.count;
  return digits.value;
}

int64_t parse_signed_digits(const char* text, const char** end, unsigned base, size_t max_chars) {
  if (*text == '-' && max_chars > 1)
    return -static_cast<int64_t>(parse_digits(text + 1, end, base, max_chars - 1));
  return static_cast<int64_t>(parse_digits(text, end, base, max_chars));
}

int parse_unsigned(const char* text, unsigned base, uint64_t& value) {
  return whole(*text == '+' ? text + 1 : text, base, value);
}

int parse_signed(const char* text, unsigned base, int64_t& value) {
  uint64_t magnitude;
  if (*text == '-') {
    if (int error = whole(text + 1, base, magnitude)) return error;
    if (static_cast<int64_t>(-magnitude) > 0) return -ERANGE;
    value = static_cast<int64_t>(-magnitude);
    return 0;
  }
  if (int error = parse_unsigned(text, base, magnitude)) return error;
  if (static_cast<int64_t>(magnitude) < 0) return -ERANGE;
  value = static_cast<int64_t>(magnitude);
  return 0;
}

namespace {

KAPI(kstrtoull, Real, int, (const char* text, unsigned base, unsigned long long* result)) {
  return narrowed(text, base, result);
}
KAPI(kstrtoll, Real, int, (const char* text, unsigned base, long long* result)) {
  return narrowed(text, base, result);
}
KAPI(_kstrtoul, Real, int, (const char* text, unsigned base, unsigned long* result)) {
  return narrowed(text, base, result);
}
KAPI(_kstrtol, Real, int, (const char* text, unsigned base, long* result)) {
  return narrowed(text, base, result);
}
KAPI(kstrtouint, Real, int, (const char* text, unsigned base, unsigned* result)) {
  return narrowed(text, base, result);
}
KAPI(kstrtoint, Real, int, (const char* text, unsigned base, int* result)) {
  return narrowed(text, base, result);
}
KAPI(kstrtou16, Real, int, (const char* text, unsigned base, uint16_t* result)) {
  return narrowed(text, base, result);
}
KAPI(kstrtos16, Real, int, (const char* text, unsigned base, int16_t* result)) {
  return narrowed(text, base, result);
}
KAPI(kstrtou8, Real, int, (const char* text, unsigned base, uint8_t* result)) {
  return narrowed(text, base, result);
}
KAPI(kstrtos8, Real, int, (const char* text, unsigned base, int8_t* result)) {
  return narrowed(text, base, result);
}

// Only the first letters count: "yes", "Y" and "1\n" are true, "on" and "off" need two.
KAPI(kstrtobool, Real, int, (const char* text, bool* result)) {
  if (!text) return -EINVAL;
  char first = to_lower(text[0]);
  if (first == 'o') {
    char second = to_lower(text[1]);
    if (second != 'n' && second != 'f') return -EINVAL;
    *result = second == 'n';
    return 0;
  }
  if (first == 'y' || first == 't' || first == '1')
    *result = true;
  else if (first == 'n' || first == 'f' || first == '0')
    *result = false;
  else
    return -EINVAL;
  return 0;
}

KAPI(simple_strtoull, Real, unsigned long long, (const char* text, char** end, unsigned base)) {
  return parse_digits(text, const_cast<const char**>(end), base);
}
KAPI(simple_strtoul, Real, unsigned long, (const char* text, char** end, unsigned base)) {
  return parse_digits(text, const_cast<const char**>(end), base);
}
KAPI(simple_strtol, Real, long, (const char* text, char** end, unsigned base)) {
  return parse_signed_digits(text, const_cast<const char**>(end), base);
}
KAPI(simple_strtoll, Real, long long, (const char* text, char** end, unsigned base)) {
  return parse_signed_digits(text, const_cast<const char**>(end), base);
}

}  // namespace
}  // namespace ring3::kernel
