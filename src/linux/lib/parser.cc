// SPDX-License-Identifier: GPL-2.0-only
// lib/parser.c (mount options), glob.c, argv_split.c, base64.c, net_utils.c: texts taken apart.
#include <cerrno>
#include <climits>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/ctype.h"
#include "linux/include/slab.h"
#include "linux/include/string.h"

namespace ring3::k {
struct substring_t;
struct match_token {
  int token;
  const char* pattern;
};
}  // namespace ring3::k

namespace ring3::kernel {
namespace {

struct Substring {  // substring_t
  char* from;
  char* to;
  size_t size() const { return to - from; }
};
constexpr int kMaxArguments = 3;

// "size=%u", "name=%s", "%%": fills in where each argument lies.
bool matches(char* text, const char* pattern, Substring* arguments) {
  for (int count = 0;;) {
    const char* percent = std::strchr(pattern, '%');
    if (!percent) return !std::strcmp(pattern, text);
    size_t literal = percent - pattern;
    if (std::strncmp(pattern, text, literal)) return false;
    text += literal;
    pattern = percent + 1;
    int length = -1;
    if (is_digit(*pattern)) {
      length = static_cast<int>(parse_digits(pattern, &pattern, 10));
    } else if (*pattern == '%') {
      if (*text++ != '%') return false;
      pattern++;
      continue;
    }
    if (count >= kMaxArguments) return false;
    Substring& argument = arguments[count];
    argument.from = text;
    const char* end = text;
    switch (*pattern++) {
      case 's': {
        size_t all = std::strlen(text);
        if (!all) return false;
        end = text + (length == -1 || static_cast<size_t>(length) > all ? all : length);
        break;
      }
      case 'd':
        parse_signed_digits(text, &end, 0);
        break;
      case 'u':
        parse_digits(text, &end, 0);
        break;
      case 'o':
        parse_digits(text, &end, 8);
        break;
      case 'x':
        parse_digits(text, &end, 16);
        break;
      default:
        return false;
    }
    argument.to = const_cast<char*>(end);
    if (argument.to == argument.from) return false;
    text = argument.to;
    count++;
  }
}

KAPI(match_token, Real, int, (char* text, const k::match_token* table, k::substring_t* arguments)) {
  // The last entry has no pattern: it matches all.
  while (table->pattern && !matches(text, table->pattern, reinterpret_cast<Substring*>(arguments)))
    table++;
  return table->token;
}

constexpr size_t kNumberSize = 24;

size_t copy_substring(char* target, const void* source, size_t size) {
  const Substring& part = *static_cast<const Substring*>(source);
  if (size) {
    size_t copied = part.size() < size ? part.size() : size - 1;
    std::memcpy(target, part.from, copied);
    target[copied] = 0;
  }
  return part.size();
}

int number_of(const void* part, int* result, int base) {
  char text[kNumberSize];
  if (copy_substring(text, part, sizeof(text)) >= sizeof(text)) return -ERANGE;
  const char* end;
  int64_t value = parse_signed_digits(text, &end, base);
  if (end == text) return -EINVAL;
  if (value < INT_MIN || value > INT_MAX) return -ERANGE;
  *result = static_cast<int>(value);
  return 0;
}

KAPI(match_int, Real, int, (k::substring_t * part, int* result)) { return number_of(part, result, 0); }
KAPI(match_octal, Real, int, (k::substring_t * part, int* result)) { return number_of(part, result, 8); }
KAPI(match_hex, Real, int, (k::substring_t * part, int* result)) { return number_of(part, result, 16); }
KAPI(match_uint, Real, int, (k::substring_t * part, unsigned* result)) {
  char text[kNumberSize];
  if (copy_substring(text, part, sizeof(text)) >= sizeof(text)) return -ERANGE;
  uint64_t value;
  if (int error = parse_unsigned(text, 10, value)) return error;
  if (value > UINT_MAX) return -ERANGE;
  *result = static_cast<unsigned>(value);
  return 0;
}
KAPI(match_u64, Real, int, (k::substring_t * part, uint64_t* result)) {
  char text[kNumberSize];
  if (copy_substring(text, part, sizeof(text)) >= sizeof(text)) return -ERANGE;
  uint64_t value;
  if (int error = parse_unsigned(text, 0, value)) return error;
  *result = value;
  return 0;
}
KAPI(match_strlcpy, Real, size_t, (char* target, const k::substring_t* part, size_t size)) {
  return copy_substring(target, part, size);
}
KAPI(match_strdup, Real, char*, (const k::substring_t* part)) {
  constexpr unsigned kGfpKernel = 0xcc0;
  size_t size = reinterpret_cast<const Substring*>(part)->size() + 1;
  char* copy = static_cast<char*>(allocate_if_possible(size, kGfpKernel));
  if (copy) copy_substring(copy, part, size);
  return copy;
}

KAPI(match_wildcard, Real, bool, (const char* pattern, const char* text)) {
  const char *star = nullptr, *retry = nullptr;
  while (*text) {
    if (*pattern == '*') {
      star = ++pattern;
      if (!*star) return true;
      retry = text;
    } else if (*pattern == '?' || *pattern == *text) {
      pattern++;
      text++;
    } else {
      if (!star) return false;
      text = ++retry;
      pattern = star;
    }
  }
  while (*pattern == '*') pattern++;
  return !*pattern;
}

// One element of a glob against one character. Moves the pattern behind it.
bool glob_element(const char*& pattern, char c) {
  char element = *pattern++;
  if (element == '?') return c != 0;
  if (element == '[' && c) {
    bool inverted = *pattern == '!';
    const char* at = pattern + inverted;
    bool found = false;
    char first = *at++;
    do {
      // An unfinished class is a plain '['.
      if (!first) return c == '[';
      char last = first;
      if (at[0] == '-' && at[1] != ']') {
        last = at[1];
        if (!last) return c == '[';
        at += 2;
      }
      auto value = static_cast<unsigned char>(c);
      found |= static_cast<unsigned char>(first) <= value && value <= static_cast<unsigned char>(last);
    } while ((first = *at++) != ']');
    pattern = at;
    return found != inverted;
  }
  if (element == '\\') element = *pattern++;
  return element == c;
}

bool glob(const char* pattern, const char* text, size_t size) {
  const char *star = nullptr, *retry = nullptr;
  const char* end = text + size;
  for (;;) {
    char c = text < end ? *text : 0;
    if (*pattern == '*') {
      if (!pattern[1]) return true;
      star = ++pattern;
      retry = text;
      continue;
    }
    const char* next = pattern;
    if (!c && !*pattern) return true;
    if (*pattern && glob_element(next, c) && c) {
      pattern = next;
      text++;
      continue;
    }
    if (!c || !star) return false;
    pattern = star;
    text = ++retry;
  }
}

KAPI(glob_match, Real, bool, (const char* pattern, const char* text)) {
  return glob(pattern, text, std::strlen(text));
}
KAPI(glob_match_len, Real, bool, (const char* pattern, const char* text, size_t size)) {
  return glob(pattern, text, ::strnlen(text, size));
}

// The copy whose words argv points to lies in argv[-1].
KAPI(argv_free, Real, void, (char** argv)) {
  argv--;
  free_if_possible(argv[0]);
  free_if_possible(argv);
}
KAPI(argv_split, Real, char**, (unsigned gfp, const char* text, int* count)) {
  int words = 0;
  bool inside = false;
  for (const char* at = text; *at; at++) {
    bool space = is_space(*at);
    words += !space && !inside;
    inside = !space;
  }
  size_t size = std::strlen(text) + 1;
  char* copy = static_cast<char*>(allocate_if_possible(size, gfp));
  if (!copy) return nullptr;
  char** argv = static_cast<char**>(allocate_if_possible((words + 2) * sizeof(char*), gfp));
  if (!argv) {
    free_if_possible(copy);
    return nullptr;
  }
  std::memcpy(copy, text, size);
  *argv++ = copy;
  int found = 0;
  inside = false;
  for (char* at = copy; *at; at++) {
    if (is_space(*at)) {
      inside = false;
      *at = 0;
    } else if (!inside) {
      inside = true;
      argv[found++] = at;
    }
  }
  argv[found] = nullptr;
  if (count) *count = found;
  return argv;
}

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

KAPI(base64_encode, Real, int, (const uint8_t* source, int size, char* target)) {
  uint32_t bits = 0;
  int count = 0;
  char* at = target;
  for (int i = 0; i < size; i++) {
    bits = bits << 8 | source[i];
    count += 8;
    while (count >= 6) *at++ = kBase64[bits >> (count -= 6) & 63];
  }
  if (count) *at++ = kBase64[bits << (6 - count) & 63];
  while ((at - target) % 4) *at++ = '=';
  return static_cast<int>(at - target);
}
KAPI(base64_decode, Real, int, (const char* source, int size, uint8_t* target)) {
  uint32_t bits = 0;
  int count = 0;
  uint8_t* at = target;
  for (int i = 0; i < size; i++) {
    if (source[i] == '=') {
      bits <<= 6;
      count += 6;
      if (count >= 8) count -= 8;
      continue;
    }
    const char* digit = source[i] ? std::strchr(kBase64, source[i]) : nullptr;
    if (!digit) return -1;
    bits = bits << 6 | static_cast<uint32_t>(digit - kBase64);
    count += 6;
    if (count >= 8) *at++ = static_cast<uint8_t>(bits >> (count -= 8));
  }
  if (bits & ((1u << count) - 1)) return -1;
  return static_cast<int>(at - target);
}

KAPI(mac_pton, Real, bool, (const char* text, uint8_t* mac)) {
  if (::strnlen(text, 17) < 17) return false;
  for (int i = 0; i < 6; i++) {
    if (!is_hex_digit(text[i * 3]) || !is_hex_digit(text[i * 3 + 1])) return false;
    if (i != 5 && text[i * 3 + 2] != ':') return false;
  }
  for (int i = 0; i < 6; i++)
    mac[i] = static_cast<uint8_t>(digit_value(text[i * 3]) << 4 | digit_value(text[i * 3 + 1]));
  return true;
}

}  // namespace
}  // namespace ring3::kernel
