// SPDX-License-Identifier: GPL-2.0-only
// vsnprintf's loop: text, conversions, numbers and strings. Where the kernel differs from ISO C, it
// is the kernel's way: "%.d" and a negative precision mean no precision for numbers, zeros pad in
// spite of a precision, "%#x" of 0 is "0x0", "%.0d" of 0 is "0", and a conversion that the kernel
// does not have (%n, %f) ends the text there, with a warning once.
#include "linux/include/format.h"

#include <algorithm>
#include <atomic>
#include <climits>

#include "linux/include/printk.h"

namespace ring3::kernel {
namespace format {
namespace {

constexpr int kWidthMax = (1 << 23) - 1;
constexpr int kPrecisionMax = (1 << 15) - 1;

constexpr char kDigitPairs[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546"
    "4748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293"
    "949596979899";

// Writes the digits so that they end at `end`; returns where they begin.
char* digits(char* end, uint64_t value, int base, bool small) {
  if (base == 10) {
    while (value >= 100) {
      end -= 2;
      std::memcpy(end, kDigitPairs + value % 100 * 2, 2);
      value /= 100;
    }
    if (value >= 10) {
      end -= 2;
      std::memcpy(end, kDigitPairs + value * 2, 2);
    } else {
      *--end = static_cast<char>('0' + value);
    }
    return end;
  }
  const char* alphabet = small ? "0123456789abcdef" : "0123456789ABCDEF";
  int shift = base == 16 ? 4 : 3;
  do {
    *--end = alphabet[value & (base - 1)];
    value >>= shift;
  } while (value);
  return end;
}

int read_number(const char*& at) {
  unsigned value = 0;
  while (*at >= '0' && *at <= '9') value = value * 10 + (*at++ - '0');
  return static_cast<int>(value);
}

// A field of the kernel's printf_spec is as wide as this many bits.
template <int kBits>
int narrowed(int value) {
  return static_cast<int>(static_cast<unsigned>(value) << (32 - kBits)) >> (32 - kBits);
}

enum class Size : uint8_t { kChar, kShort, kInt, kLong };

uint64_t integer_argument(va_list arguments, Size size, bool is_signed) {
  if (size == Size::kLong) return va_arg(arguments, unsigned long);
  int value = va_arg(arguments, int);
  switch (size) {
    case Size::kChar:
      return is_signed ? static_cast<int64_t>(static_cast<signed char>(value))
                       : static_cast<unsigned char>(value);
    case Size::kShort:
      return is_signed ? static_cast<int64_t>(static_cast<short>(value))
                       : static_cast<unsigned short>(value);
    default:
      return is_signed ? static_cast<int64_t>(value) : static_cast<unsigned>(value);
  }
}

// Flags, width and precision, behind the '%'.
Spec read_spec(const char*& at, va_list arguments) {
  Spec spec;
  for (;; at++) {
    if (*at == '-')
      spec.flags |= kLeft;
    else if (*at == '+')
      spec.flags |= kPlus;
    else if (*at == ' ')
      spec.flags |= kSpace;
    else if (*at == '#')
      spec.flags |= kSpecial;
    else if (*at == '0')
      spec.flags |= kZero;
    else
      break;
  }
  if (*at >= '0' && *at <= '9') {
    spec.width = narrowed<24>(read_number(at));
  } else if (*at == '*') {
    at++;
    int width = va_arg(arguments, int);
    if (width < 0) {
      spec.flags |= kLeft;
      width = width == INT_MIN ? kWidthMax : -width;
    }
    spec.width = std::min(width, kWidthMax);
  }
  if (*at == '.') {
    at++;
    if (*at >= '0' && *at <= '9') {
      spec.precision = std::max(narrowed<16>(read_number(at)), 0);
    } else if (*at == '*') {
      at++;
      spec.precision = std::clamp(va_arg(arguments, int), 0, kPrecisionMax);
    }
  }
  return spec;
}

Size read_size(const char*& at) {
  switch (*at) {
    case 'h':
      if (*++at != 'h') return Size::kShort;
      at++;
      return Size::kChar;
    case 'l':
      if (*++at == 'l') at++;
      return Size::kLong;
    case 'L':
    case 'z':
    case 't':
      at++;
      return Size::kLong;
    default:
      return Size::kInt;
  }
}

void warn_unsupported(char conversion) {
  static std::atomic<bool> warned = false;
  if (!warned.exchange(true))
    kernel_warning("Please remove unsupported %%%c in format string\n", conversion);
}

// One conversion. False: it is unknown, and formatting ends.
bool convert(Output& out, const char*& at, va_list arguments) {
  Spec spec = read_spec(at, arguments);
  Size size = read_size(at);
  switch (*at) {
    case 'c': {
      char c = static_cast<char>(va_arg(arguments, int));
      widened(out, {&c, 1}, spec);
      break;
    }
    case 's':
      text(out, va_arg(arguments, const char*), spec);
      break;
    case 'p': {
      const void* argument = va_arg(arguments, const void*);
      at += pointer(out, at + 1, argument, spec);
      break;
    }
    case '%':
      out.put('%');
      break;
    case 'd':
    case 'i':
      spec.flags |= kSign;
      [[fallthrough]];
    case 'u':
      number(out, integer_argument(arguments, size, spec.flags & kSign), spec);
      break;
    case 'o':
      spec.base = 8;
      number(out, integer_argument(arguments, size, false), spec);
      break;
    case 'x':
      spec.flags |= kSmall;
      [[fallthrough]];
    case 'X':
      spec.base = 16;
      number(out, integer_argument(arguments, size, false), spec);
      break;
    default:
      warn_unsupported(*at);
      return false;
  }
  at++;
  return true;
}

}  // namespace

void all(Output& out, const char* format, va_list arguments) {
  va_list rest;
  va_copy(rest, arguments);
  for (const char* at = format;;) {
    const char* stop = strchrnul(at, '%');
    if (stop != at) out.put(std::string_view(at, stop - at));
    if (!*stop) break;
    at = stop + 1;
    if (!convert(out, at, rest)) break;
  }
  va_end(rest);
}

void number(Output& out, uint64_t value, const Spec& spec) {
  char sign = 0;
  if (spec.flags & kSign) {
    if (static_cast<int64_t>(value) < 0) {
      sign = '-';
      value = -value;
    } else if (spec.flags & kPlus) {
      sign = '+';
    } else if (spec.flags & kSpace) {
      sign = ' ';
    }
  }
  bool hex_prefix = (spec.flags & kSpecial) && spec.base == 16;
  bool octal_prefix = (spec.flags & kSpecial) && spec.base == 8 && value;

  char buffer[24];
  char* end = buffer + sizeof(buffer);
  char* begin = digits(end, value, spec.base, spec.flags & kSmall);
  int count = static_cast<int>(end - begin);
  int precision = std::max(count, spec.precision);
  int padding = spec.width - precision - (sign != 0) - 2 * hex_prefix - octal_prefix;

  bool left = spec.flags & kLeft;
  bool zero = !left && (spec.flags & kZero);
  if (!left && !zero) out.fill(' ', padding);
  if (sign) out.put(sign);
  if (octal_prefix || hex_prefix) out.put('0');
  if (hex_prefix) out.put(spec.flags & kSmall ? 'x' : 'X');
  if (zero) out.fill('0', padding);
  out.fill('0', precision - count);
  out.put(std::string_view(begin, count));
  if (left) out.fill(' ', padding);
}

void hexadecimal(Output& out, uint64_t value, int digit_count) {
  number(out, value, {.width = digit_count + 2, .flags = kSmall | kSpecial | kZero, .base = 16});
}

void decimal(Output& out, uint64_t value, int digit_count) {
  number(out, value, {.precision = digit_count});
}

void widened(Output& out, std::string_view text, const Spec& spec) {
  int padding = text.size() > INT_MAX ? 0 : spec.width - static_cast<int>(text.size());
  if (!(spec.flags & kLeft)) out.fill(' ', padding);
  out.put(text);
  if (spec.flags & kLeft) out.fill(' ', padding);
}

void padded(Output& out, std::string_view text, const Spec& spec) {
  if (spec.precision >= 0) text = text.substr(0, spec.precision);
  widened(out, text, spec);
}

void text(Output& out, const char* string, const Spec& spec) {
  if (bad_pointer(out, string, spec)) return;
  size_t size = spec.precision >= 0 ? strnlen(string, spec.precision) : std::strlen(string);
  widened(out, {string, size}, spec);
}

}  // namespace format

int format_text(char* buffer, size_t size, const char* format, va_list arguments) noexcept {
  if (size > INT_MAX) {
    static std::atomic<bool> warned = false;
    if (!warned.exchange(true)) kernel_warning("vsnprintf: a size of %zu is too large\n", size);
    return 0;
  }
  format::Output out(buffer, size);
  format::all(out, format, arguments);
  out.terminate();
  return static_cast<int>(out.used());
}

int format_text(char* buffer, size_t size, const char* format, ...) noexcept {
  va_list arguments;
  va_start(arguments, format);
  int length = format_text(buffer, size, format, arguments);
  va_end(arguments);
  return length;
}

}  // namespace ring3::kernel
