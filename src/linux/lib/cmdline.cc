// SPDX-License-Identifier: GPL-2.0-only
// lib/cmdline.c: options as the kernel's command line and module parameters write them.
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/ctype.h"
#include "linux/include/string.h"

namespace ring3::kernel {

uint64_t parse_size(const char* text, const char** end) {
  const char* at;
  uint64_t value = parse_digits(text, &at, 0);
  static constexpr char kSuffixes[] = "kmgtpe";
  if (const char* suffix = *at ? std::strchr(kSuffixes, to_lower(*at)) : nullptr) {
    value <<= 10 * (suffix - kSuffixes + 1);
    at++;
  }
  if (end) *end = at;
  return value;
}

namespace {

// One integer: 0 none, 1 the last, 2 a comma follows, 3 a range ("1-5") begins.
int read_option(const char** text, int* result) {
  const char* at = *text;
  if (!at || !*at) return 0;
  const char* end;
  int value = *at == '-' ? -static_cast<int>(parse_digits(at + 1, &end, 0))
                         : static_cast<int>(parse_digits(at, &end, 0));
  if (result) *result = value;
  if (end == (*at == '-' ? at + 1 : at)) {
    *text = *at == '-' ? at + 1 : at;
    return 0;
  }
  *text = end;
  if (*end == ',') {
    (*text)++;
    return 2;
  }
  return *end == '-' ? 3 : 1;
}

KAPI(get_option, Real, int, (char** text, int* result)) {
  return read_option(const_cast<const char**>(text), result);
}

// ints[0] becomes how many were read. With count 0 it only counts.
KAPI(get_options, Real, char*, (const char* text, int count, int* ints)) {
  bool count_only = count == 0;
  int i = 1;
  while (i < count || count_only) {
    int* place = count_only ? ints : ints + i;
    int kind = read_option(&text, place);
    if (!kind) break;
    if (kind == 3) {
      // A range takes the numbers from its beginning on; its end is the next number read.
      text++;
      int first = *place;
      int last = static_cast<int>(parse_signed_digits(text, nullptr, 0));
      if (last < first) break;
      if (!count_only)
        for (int value = first, at = i; value < last && at < count; value++) ints[at++] = value;
      i += last - first;
      continue;
    }
    i++;
    if (kind == 1) break;
  }
  ints[0] = i - 1;
  return const_cast<char*>(text);
}

KAPI(memparse, Real, unsigned long long, (const char* text, char** end)) {
  return parse_size(text, const_cast<const char**>(end));
}

// "name=value name "quo ted"": cuts one argument off in place; returns the next one's beginning.
KAPI(next_arg, Real, char*, (char* arguments, char** name, char** value)) {
  bool quoted = *arguments == '"';
  bool in_quote = quoted;
  if (quoted) arguments++;
  size_t end = 0, equals = 0;
  for (; arguments[end]; end++) {
    if (is_space(arguments[end]) && !in_quote) break;
    if (!equals && arguments[end] == '=') equals = end;
    if (arguments[end] == '"') in_quote = !in_quote;
  }
  *name = arguments;
  if (!equals) {
    *value = nullptr;
  } else {
    arguments[equals] = 0;
    *value = arguments + equals + 1;
    if (**value == '"') {
      (*value)++;
      if (arguments[end - 1] == '"') arguments[end - 1] = 0;
    }
  }
  if (quoted && end > 0 && arguments[end - 1] == '"') arguments[end - 1] = 0;
  char* next = arguments + end;
  if (*next) *next++ = 0;
  while (is_space(*next)) next++;
  return next;
}

}  // namespace
}  // namespace ring3::kernel
