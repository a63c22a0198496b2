// SPDX-License-Identifier: GPL-2.0-only
// One conversion of a format, for any source of arguments: a va_list (vsnprintf), a va_list that is
// saved as it is read (vbin_printf), or what was saved (bstr_printf). A source gives
//   uint64_t integer(Size size, bool is_signed);   extended to 64 bits
//   int number();                                  a width or precision
//   char character();
//   const char* string(const Spec& spec);
//   void pointer(Output& out, const char* letters, const Spec& spec);
#pragma once

#include <algorithm>
#include <climits>

#include "linux/include/format.h"

namespace ring3::kernel::format {

enum class Size : uint8_t { kChar, kShort, kInt, kLong };

inline constexpr int kWidthMax = (1 << 23) - 1;
inline constexpr int kPrecisionMax = (1 << 15) - 1;

// The rest of the format is dropped: says so once.
void warn_unsupported(char conversion);
// How many letters and digits stand behind a p.
size_t extension_length(const char* letters);

inline int read_number(const char*& at) {
  unsigned value = 0;
  while (*at >= '0' && *at <= '9') value = value * 10 + (*at++ - '0');
  return static_cast<int>(value);
}

// A field of the kernel's printf_spec is as wide as this many bits.
template <int kBits>
int narrowed(int value) {
  return static_cast<int>(static_cast<unsigned>(value) << (32 - kBits)) >> (32 - kBits);
}

// Flags, width and precision, behind the '%'.
template <class Source>
Spec read_spec(const char*& at, Source& arguments) {
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
    int width = arguments.number();
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
      spec.precision = std::clamp(arguments.number(), 0, kPrecisionMax);
    }
  }
  return spec;
}

inline Size read_size(const char*& at) {
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

// One conversion. False: it is unknown, and formatting ends.
template <class Source>
bool convert(Output& out, const char*& at, Source& arguments) {
  Spec spec = read_spec(at, arguments);
  Size size = read_size(at);
  switch (*at) {
    case 'c': {
      char c = arguments.character();
      widened(out, {&c, 1}, spec);
      break;
    }
    case 's':
      text(out, arguments.string(spec), spec);
      break;
    case 'p':
      arguments.pointer(out, at + 1, spec);
      at += extension_length(at + 1);
      break;
    case '%':
      out.put('%');
      break;
    case 'd':
    case 'i':
      spec.flags |= kSign;
      [[fallthrough]];
    case 'u':
      number(out, arguments.integer(size, spec.flags & kSign), spec);
      break;
    case 'o':
      spec.base = 8;
      number(out, arguments.integer(size, false), spec);
      break;
    case 'x':
      spec.flags |= kSmall;
      [[fallthrough]];
    case 'X':
      spec.base = 16;
      number(out, arguments.integer(size, false), spec);
      break;
    default:
      warn_unsupported(*at);
      return false;
  }
  at++;
  return true;
}

// A whole format, without the final 0.
template <class Source>
void convert_all(Output& out, const char* format, Source& arguments) {
  for (const char* at = format;;) {
    const char* stop = strchrnul(at, '%');
    if (stop != at) out.put(std::string_view(at, stop - at));
    if (!*stop) return;
    at = stop + 1;
    if (!convert(out, at, arguments)) return;
  }
}

// An int as the smaller type it was, back in 64 bits.
inline uint64_t extended(int value, Size size, bool is_signed) {
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

// The arguments of a call.
class VaSource {
 public:
  explicit VaSource(va_list arguments) { va_copy(list_, arguments); }
  ~VaSource() { va_end(list_); }
  VaSource(const VaSource&) = delete;
  VaSource& operator=(const VaSource&) = delete;

  uint64_t integer(Size size, bool is_signed) {
    if (size == Size::kLong) return va_arg(list_, unsigned long);
    return extended(va_arg(list_, int), size, is_signed);
  }
  int number() { return va_arg(list_, int); }
  char character() { return static_cast<char>(va_arg(list_, int)); }
  const char* string(const Spec&) { return va_arg(list_, const char*); }
  const void* address() { return va_arg(list_, const void*); }
  void pointer(Output& out, const char* letters, const Spec& spec) {
    format::pointer(out, letters, address(), spec);
  }

 private:
  va_list list_;
};

}  // namespace ring3::kernel::format
