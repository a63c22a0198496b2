// SPDX-License-Identifier: GPL-2.0-only
// sscanf as the kernel's: %[ needs a width, %*[ is refused, white space in the format matches any
// amount of it, and numbers end where their width does.
#include <bitset>
#include <climits>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/arguments.h"
#include "linux/include/ctype.h"
#include "linux/include/string.h"

namespace ring3::kernel {
namespace {

const char* after_spaces(const char* text) {
  while (is_space(*text)) text++;
  return text;
}

enum class Size : uint8_t { kChar, kShort, kInt, kLong };

Size read_size(const char*& format) {
  switch (*format) {
    case 'h':
      if (*++format != 'h') return Size::kShort;
      format++;
      return Size::kChar;
    case 'l':
      if (*++format == 'l') format++;
      return Size::kLong;
    case 'L':
    case 'z':
      format++;
      return Size::kLong;
    default:
      return Size::kInt;
  }
}

void store(void* target, Size size, uint64_t value) {
  switch (size) {
    case Size::kChar:
      *static_cast<uint8_t*>(target) = static_cast<uint8_t>(value);
      break;
    case Size::kShort:
      *static_cast<uint16_t*>(target) = static_cast<uint16_t>(value);
      break;
    case Size::kInt:
      *static_cast<uint32_t*>(target) = static_cast<uint32_t>(value);
      break;
    case Size::kLong:
      *static_cast<uint64_t*>(target) = value;
      break;
  }
}

// A set "[...]", format behind its '['. False: it is not one.
bool read_set(const char*& format, std::bitset<256>& set) {
  bool negated = *format == '^';
  if (negated) format++;
  const char* begin = format;
  for (; *format && *format != ']'; format++) set.set(static_cast<unsigned char>(*format));
  if (!*format || format == begin) return false;
  format++;
  if (negated) {
    set.flip();
    set.reset(0);
  }
  return true;
}

bool begins_number(const char* text, unsigned base, bool is_signed, int width) {
  char digit = *text;
  if (is_signed && digit == '-') {
    if (width == 1) return false;
    digit = text[1];
  }
  switch (base) {
    case 16:
      return is_hex_digit(digit);
    case 8:
      return digit >= '0' && digit <= '7';
    default:
      return is_digit(digit);
  }
}

int scan(const char* input, const char* format, va_list arguments) {
  const char* text = input;
  int count = 0;
  while (*format) {
    if (is_space(*format)) {
      format = after_spaces(format);
      text = after_spaces(text);
    }
    if (*format && *format != '%') {
      if (*format++ != *text++) break;
      continue;
    }
    if (!*format) break;
    format++;
    if (*format == '*') {
      if (!*text) break;
      while (!is_space(*format) && *format != '%' && *format)
        if (*format++ == '[') return count;
      while (!is_space(*text) && *text) text++;
      continue;
    }
    int width = -1;
    if (is_digit(*format)) {
      width = static_cast<int>(parse_digits(format, &format, 10));
      if (width <= 0) break;
    }
    Size size = read_size(format);
    if (!*format) break;
    if (*format == 'n') {
      *va_arg(arguments, int*) = static_cast<int>(text - input);
      format++;
      continue;
    }
    if (!*text) break;

    unsigned base = 10;
    bool is_signed = false;
    switch (*format++) {
      case 'c': {
        char* target = va_arg(arguments, char*);
        if (width < 0) width = 1;
        do *target++ = *text++;
        while (--width > 0 && *text);
        count++;
        continue;
      }
      case 's': {
        char* target = va_arg(arguments, char*);
        if (width < 0) width = SHRT_MAX;
        text = after_spaces(text);
        while (*text && !is_space(*text) && width--) *target++ = *text++;
        *target = 0;
        count++;
        continue;
      }
      case '[': {
        char* target = va_arg(arguments, char*);
        std::bitset<256> set;
        if (width < 0 || !read_set(format, set)) return count;
        if (!set.test(static_cast<unsigned char>(*text))) return count;
        while (set.test(static_cast<unsigned char>(*text)) && width--) *target++ = *text++;
        *target = 0;
        count++;
        continue;
      }
      case 'o':
        base = 8;
        break;
      case 'x':
      case 'X':
        base = 16;
        break;
      case 'i':
        base = 0;
        is_signed = true;
        break;
      case 'd':
        is_signed = true;
        break;
      case 'u':
        break;
      case '%':
        if (*text++ != '%') return count;
        continue;
      default:
        return count;
    }
    text = after_spaces(text);
    if (!begins_number(text, base, is_signed, width)) break;
    size_t room = width > 0 ? width : INT_MAX;
    const char* next;
    uint64_t value = is_signed ? parse_signed_digits(text, &next, base, room)
                               : parse_digits(text, &next, base, room);
    store(va_arg(arguments, void*), size, value);
    count++;
    text = next;
  }
  return count;
}

KAPI(vsscanf, Real, int, (const char* text, const char* format, VaList arguments)) {
  return scan(text, format, list_of(arguments));
}
KAPI_VA(sscanf, Real, int, (const char* text, const char* format), arguments) {
  return scan(text, format, arguments);
}

}  // namespace
}  // namespace ring3::kernel
