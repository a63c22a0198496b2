// SPDX-License-Identifier: GPL-2.0-only
// lib/glob.c: shell patterns ('*', '?', "[a-z]", "[!a-z]", '\\'). On a mismatch only the last '*'
// is tried again, one character longer: earlier ones need not be.
#include <cstring>

#include "kapi/kapi.h"

namespace ring3::kernel {
namespace {

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
      found |=
          static_cast<unsigned char>(first) <= value && value <= static_cast<unsigned char>(last);
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

}  // namespace
}  // namespace ring3::kernel
