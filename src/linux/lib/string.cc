// SPDX-License-Identifier: GPL-2.0-only
// lib/string.c: strings. Comparisons return -1, 0 or 1 as the kernel's do, where libc returns some
// difference; strncpy and its family bound as Linux does.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/ctype.h"
#include "linux/include/string.h"

namespace ring3::kernel {

int64_t copy_string(char* target, const char* source, size_t size) {
  if (!size || size > INT32_MAX) return -E2BIG;
  size_t length = strnlen(source, size);
  if (length == size) {
    std::memcpy(target, source, size - 1);
    target[size - 1] = 0;
    return -E2BIG;
  }
  std::memmove(target, source, length + 1);
  return static_cast<int64_t>(length);
}

namespace {

char* mutable_of(const char* text) { return const_cast<char*>(text); }

int compared(const char* a, const char* b, size_t count) {
  for (; count; count--, a++, b++) {
    auto x = static_cast<unsigned char>(*a), y = static_cast<unsigned char>(*b);
    if (x != y) return x < y ? -1 : 1;
    if (!x) break;
  }
  return 0;
}

int compared_without_case(const char* a, const char* b, size_t count) {
  for (; count; count--, a++, b++) {
    auto x = static_cast<unsigned char>(to_lower(*a)), y = static_cast<unsigned char>(to_lower(*b));
    if (x != y) return x - y;
    if (!x) break;
  }
  return 0;
}

KAPI(strlen, Real, size_t, (const char* text)) { return std::strlen(text); }
KAPI(strnlen, Real, size_t, (const char* text, size_t max)) { return ::strnlen(text, max); }
KAPI(strcmp, Real, int, (const char* a, const char* b)) { return compared(a, b, SIZE_MAX); }
KAPI(strncmp, Real, int, (const char* a, const char* b, size_t count)) {
  return compared(a, b, count);
}
KAPI(strcasecmp, Real, int, (const char* a, const char* b)) {
  return compared_without_case(a, b, SIZE_MAX);
}
KAPI(strncasecmp, Real, int, (const char* a, const char* b, size_t count)) {
  return compared_without_case(a, b, count);
}

KAPI(strcpy, Real, char*, (char* target, const char* source)) {
  return std::strcpy(target, source);
}
KAPI(strncpy, Real, char*, (char* target, const char* source, size_t size)) {
  return ::strncpy(target, source, size);
}
KAPI(strlcpy, Real, size_t, (char* target, const char* source, size_t size)) {
  size_t length = std::strlen(source);
  if (size) {
    size_t copied = std::min(length, size - 1);
    std::memcpy(target, source, copied);
    target[copied] = 0;
  }
  return length;
}
// Up to 6.11 under its own name; then strscpy is a macro around sized_strscpy.
KAPI(strscpy, Real, int64_t, (char* target, const char* source, size_t size)) {
  return copy_string(target, source, size);
}
KAPI(sized_strscpy, Real, int64_t, (char* target, const char* source, size_t size)) {
  return copy_string(target, source, size);
}
KAPI(strscpy_pad, Real, int64_t, (char* target, const char* source, size_t size)) {
  int64_t length = copy_string(target, source, size);
  if (length >= 0) std::memset(target + length, 0, size - length);
  return length;
}
KAPI(strcat, Real, char*, (char* target, const char* source)) {
  return std::strcat(target, source);
}
KAPI(strncat, Real, char*, (char* target, const char* source, size_t count)) {
  return std::strncat(target, source, count);
}
KAPI(strlcat, Real, size_t, (char* target, const char* source, size_t size)) {
  // Linux stops with BUG when the target is not ended within its size.
  size_t used = ::strnlen(target, size);
  size_t length = std::strlen(source);
  if (used < size) {
    size_t copied = std::min(length, size - used - 1);
    std::memcpy(target + used, source, copied);
    target[used + copied] = 0;
  }
  return used + length;
}

KAPI(strchr, Real, char*, (const char* text, int c)) { return mutable_of(std::strchr(text, c)); }
KAPI(strchrnul, Real, char*, (const char* text, int c)) { return mutable_of(::strchrnul(text, c)); }
KAPI(strrchr, Real, char*, (const char* text, int c)) { return mutable_of(std::strrchr(text, c)); }
KAPI(strnchr, Real, char*, (const char* text, size_t count, int c)) {
  for (; count--; text++) {
    if (*text == static_cast<char>(c)) return mutable_of(text);
    if (!*text) break;
  }
  return nullptr;
}
KAPI(strspn, Real, size_t, (const char* text, const char* accept)) {
  return std::strspn(text, accept);
}
KAPI(strcspn, Real, size_t, (const char* text, const char* reject)) {
  return std::strcspn(text, reject);
}
KAPI(strpbrk, Real, char*, (const char* text, const char* accept)) {
  return mutable_of(std::strpbrk(text, accept));
}
KAPI(strsep, Real, char*, (char** rest, const char* separators)) {
  return ::strsep(rest, separators);
}
KAPI(strstr, Real, char*, (const char* text, const char* part)) {
  return mutable_of(std::strstr(text, part));
}
// The part has to lie inside the first `size` bytes, whatever they are.
KAPI(strnstr, Real, char*, (const char* text, const char* part, size_t size)) {
  size_t length = std::strlen(part);
  if (!length) return mutable_of(text);
  for (; size >= length; size--, text++)
    if (!std::memcmp(text, part, length)) return mutable_of(text);
  return nullptr;
}

KAPI(match_string, Real, int, (const char* const* array, size_t count, const char* text)) {
  for (size_t i = 0; i < count && array[i]; i++)
    if (!std::strcmp(array[i], text)) return static_cast<int>(i);
  return -EINVAL;
}

// Equal, but for one newline at the end of either.
bool equal_in_sysfs(const char* a, const char* b) {
  while (*a && *a == *b) {
    a++;
    b++;
  }
  if (*a == *b) return true;
  if (!*a && *b == '\n' && !b[1]) return true;
  return *a == '\n' && !a[1] && !*b;
}
KAPI(sysfs_streq, Real, bool, (const char* a, const char* b)) { return equal_in_sysfs(a, b); }
KAPI(__sysfs_match_string, Real, int, (const char* const* array, size_t count, const char* text)) {
  for (size_t i = 0; i < count && array[i]; i++)
    if (equal_in_sysfs(array[i], text)) return static_cast<int>(i);
  return -EINVAL;
}

KAPI(skip_spaces, Real, char*, (const char* text)) {
  while (is_space(*text)) text++;
  return mutable_of(text);
}
KAPI(strim, Real, char*, (char* text)) {
  size_t length = std::strlen(text);
  while (length && is_space(text[length - 1])) length--;
  text[length] = 0;
  while (is_space(*text)) text++;
  return text;
}

}  // namespace
}  // namespace ring3::kernel
