// SPDX-License-Identifier: GPL-2.0-only
// vsnprintf's loop: text, conversions, numbers and strings. Where the kernel differs from ISO C, it
// is the kernel's way: "%.d" and a negative precision mean no precision for numbers, zeros pad in
// spite of a precision, "%#x" of 0 is "0x0", "%.0d" of 0 is "0", and a conversion that the kernel
// does not have (%n, %f) ends the text there, with a warning once.
#include "linux/include/format.h"

#include <algorithm>
#include <atomic>
#include <climits>

#include "linux/include/format_convert.h"
#include "linux/include/printk.h"

namespace ring3::kernel {
namespace format {
namespace {

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

}  // namespace

void all(Output& out, const char* format, va_list arguments) {
  VaSource source(arguments);
  convert_all(out, format, source);
}

void warn_unsupported(char conversion) {
  static std::atomic<bool> warned = false;
  if (!warned.exchange(true))
    kernel_warning("Please remove unsupported %%%c in format string\n", conversion);
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
