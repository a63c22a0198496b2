// SPDX-License-Identifier: GPL-2.0-only
// string_escape_mem and string_unescape: bytes to backslash sequences and back, by classes. The
// first class that takes a byte decides; a byte that none takes passes as it is.
#include <string_view>

#include "kapi/kapi.h"
#include "linux/include/ctype.h"
#include "linux/include/string_helpers.h"

namespace ring3::kernel {
namespace {

struct Pair {
  char byte;
  char letter;
};
constexpr Pair kSpaces[] = {{'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}, {'\v', 'v'}, {'\f', 'f'}};
constexpr Pair kSpecials[] = {{'\\', '\\'}, {'\a', 'a'}, {'\033', 'e'}, {'"', '"'}};

template <size_t kCount>
char letter_of(const Pair (&pairs)[kCount], char c) {
  for (const Pair& pair : pairs)
    if (pair.byte == c) return pair.letter;
  return 0;
}

// string_escape_mem writes a sequence only as far as there is room, and says its whole length.
void put_escape(format::Output& out, char letter) {
  out.put('\\');
  out.put(letter);
}

bool passes(char c, unsigned flags) {
  if ((flags & kEscapeNonAsciiOrPrintable) && is_ascii(c) && is_print(c)) return true;
  if ((flags & kEscapeNonPrintable) && is_print(c)) return true;
  return (flags & kEscapeNonAscii) && is_ascii(c);
}

}  // namespace

void escape_text(format::Output& out, std::string_view text, unsigned flags, const char* only) {
  bool dictionary = only && *only;
  bool append = flags & kEscapeAppend;
  for (char c : text) {
    bool listed = dictionary && std::string_view(only).find(c) != std::string_view::npos;
    if (dictionary && !listed && !append) {
      out.put(c);
      continue;
    }
    if (!(append && listed) && passes(c, flags)) {
      out.put(c);
      continue;
    }
    char letter = 0;
    if (flags & kEscapeSpace) letter = letter_of(kSpaces, c);
    if (!letter && (flags & kEscapeSpecial)) letter = letter_of(kSpecials, c);
    if (!letter && (flags & kEscapeNull) && !c) letter = '0';
    unsigned byte = static_cast<unsigned char>(c);
    if (letter) {
      put_escape(out, letter);
    } else if (flags & kEscapeOctal) {
      put_escape(out, static_cast<char>('0' + (byte >> 6)));
      out.put(static_cast<char>('0' + (byte >> 3 & 7)));
      out.put(static_cast<char>('0' + (byte & 7)));
    } else if (flags & kEscapeHex) {
      put_escape(out, 'x');
      out.put("0123456789abcdef"[byte >> 4]);
      out.put("0123456789abcdef"[byte & 15]);
    } else {
      out.put(c);
    }
  }
}

namespace {

KAPI(string_escape_mem, Real, int,
     (const char* source, size_t source_size, char* target, size_t target_size, unsigned flags,
      const char* only)) {
  format::Output out(target, target_size);
  escape_text(out, {source, source_size}, flags, only);
  return static_cast<int>(out.used());
}

// linux/string_helpers.h
enum : unsigned { kUnescapeSpace = 1, kUnescapeOctal = 2, kUnescapeHex = 4, kUnescapeSpecial = 8 };

bool is_octal(char c) { return c >= '0' && c <= '7'; }

// The sequence behind a backslash; returns how many characters it has, 0 when it is none.
int read_escape(const char* at, unsigned flags, char& byte) {
  if (flags & kUnescapeSpace)
    for (const Pair& pair : kSpaces)
      if (*at && pair.letter == *at) {
        byte = pair.byte;
        return 1;
      }
  if ((flags & kUnescapeOctal) && is_octal(*at)) {
    unsigned value = 0;
    int count = 0;
    while (count < 3 && is_octal(at[count]) && value < 32) value = value * 8 + (at[count++] - '0');
    byte = static_cast<char>(value);
    return count;
  }
  if ((flags & kUnescapeHex) && *at == 'x' && is_hex_digit(at[1])) {
    int value = digit_value(at[1]), count = 2;
    if (is_hex_digit(at[2])) value = value * 16 + digit_value(at[count++]);
    byte = static_cast<char>(value);
    return count;
  }
  if (flags & kUnescapeSpecial)
    for (const Pair& pair : kSpecials)
      if (*at && pair.letter == *at) {
        byte = pair.byte;
        return 1;
      }
  return 0;
}

KAPI(string_unescape, Real, int, (char* source, char* target, size_t size, unsigned flags)) {
  char* out = target;
  while (*source && --size) {
    if (source[0] == '\\' && source[1] && size > 1) {
      char byte;
      if (int count = read_escape(source + 1, flags, byte)) {
        *out++ = byte;
        source += 1 + count;
        continue;
      }
      *out++ = *source++;
      size--;
    }
    *out++ = *source++;
  }
  *out = 0;
  return static_cast<int>(out - target);
}

}  // namespace
}  // namespace ring3::kernel
