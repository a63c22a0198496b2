// SPDX-License-Identifier: GPL-2.0-only
// lib/parser.c: mount options. match_token finds which pattern an option is and where its arguments
// lie; match_int and its like read them.
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
    if (std::strncmp(pattern, text, literal) != 0) return false;
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

KAPI(match_int, Real, int, (k::substring_t * part, int* result)) {
  return number_of(part, result, 0);
}
KAPI(match_octal, Real, int, (k::substring_t * part, int* result)) {
  return number_of(part, result, 8);
}
KAPI(match_hex, Real, int, (k::substring_t * part, int* result)) {
  return number_of(part, result, 16);
}
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

}  // namespace
}  // namespace ring3::kernel
