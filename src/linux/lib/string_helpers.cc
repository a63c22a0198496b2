// SPDX-License-Identifier: GPL-2.0-only
// lib/string_helpers.c: sizes for people, arrays of strings, text safe to log, and what FORTIFY's
// checks call.
#include "linux/include/string_helpers.h"

#include <cstring>

#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/ctype.h"
#include "linux/include/format.h"
#include "linux/include/printk.h"
#include "linux/include/slab.h"
#include "linux/include/tags.h"

namespace ring3::kernel {
namespace {

// linux/string_helpers.h: a base in bit 0, and from 6.10 on two wishes.
constexpr unsigned kUnitsOf1024 = 1;
constexpr unsigned kNoSpace = 1u << 30;
constexpr unsigned kNoBytes = 1u << 31;

// Three significant digits, rounded half up: "1.50 kB", "12.3 MiB", "123 GB". Both factors are
// brought below 2^32 by whole units first, so the product fits; what that loses, Linux loses too.
int size_text(uint64_t size, uint64_t block, unsigned units, char* buffer, int length,
              bool unknown_has_unit) {
  static constexpr const char* kPrefixes[] = {"", "k", "M", "G", "T", "P", "E", "Z", "Y"};
  unsigned divisor = units & kUnitsOf1024 ? 1024 : 1000;
  unsigned power = 0;
  uint64_t rest = 0;
  char fraction[8] = "";
  if (!block) size = 0;
  if (size) {
    for (; block >> 32; power++) block /= divisor;
    for (; size >> 32; power++) size /= divisor;
    size *= block;
    for (; size >= divisor; power++) {
      rest = size % divisor;
      size /= divisor;
    }
    int digits = size < 10 ? 2 : size < 100 ? 1 : 0;
    if (!size) digits = 2;
    if (divisor == 1024) rest = rest * 1000 / 1024;
    static constexpr unsigned kHalf[] = {500, 50, 5};
    rest += kHalf[digits];
    if (rest >= 1000) {
      rest -= 1000;
      size++;
    }
    if (digits) {
      format_text(fraction, sizeof(fraction), ".%03u", static_cast<unsigned>(rest));
      fraction[digits + 1] = 0;
    }
  }
  bool known = power < std::size(kPrefixes);
  const char* prefix = known ? kPrefixes[power] : "UNK";
  bool binary = known && power && divisor == 1024;
  char first = binary && power == 1 ? 'K' : prefix[0];
  char unit[8];
  format_text(unit, sizeof(unit), "%c%s%s", first, prefix[0] ? prefix + 1 : "", binary ? "i" : "");
  return format_text(buffer, length, "%u%s%s%s%s", static_cast<unsigned>(size), fraction,
                     units & kNoSpace ? "" : " ", prefix[0] ? unit : "",
                     (!known && !unknown_has_unit) || units & kNoBytes ? "" : "B");
}

namespace v1 {  // until 6.9
KAPI(string_get_size, Real, void,
     (uint64_t size, uint64_t block, unsigned units, char* buffer, int length)) {
  size_text(size, block, units & kUnitsOf1024, buffer, length, false);
}
}  // namespace v1
namespace v2 {
KAPI(string_get_size, Real, int,
     (uint64_t size, uint64_t block, unsigned units, char* buffer, int length)) {
  return size_text(size, block, units, buffer, length, true);
}
}  // namespace v2

// strreplace returned the string's end until 6.5, since then the string (commit d01a77afd6be). Its
// prototype is the same, so the export that came one release later stands for the change.
bool strreplace_returns_end = false;
KAPI(strreplace, Real, char*, (char* text, char from, char to)) {
  char* at = text;
  for (; *at; at++)
    if (*at == from) *at = to;
  return strreplace_returns_end ? at : text;
}

KAPI(kfree_strarray, Real, void, (char** array, size_t count)) {
  if (!array) return;
  for (size_t i = 0; i < count; i++) free_if_possible(array[i]);
  free_if_possible(array);
}

KAPI(kasprintf_strarray, Real, char**, (unsigned gfp, const char* prefix, size_t count)) {
  char** names = static_cast<char**>(allocate_if_possible((count + 1) * sizeof(char*), gfp));
  if (!names) return nullptr;
  std::memset(names, 0, (count + 1) * sizeof(char*));
  for (size_t i = 0; i < count; i++) {
    int length = format_text(nullptr, 0, "%s-%zu", prefix, i);
    names[i] = static_cast<char*>(allocate_if_possible(length + 1, gfp));
    if (!names[i]) {
      kapi_body_kfree_strarray(names, i);
      return nullptr;
    }
    format_text(names[i], length + 1, "%s-%zu", prefix, i);
  }
  return names;
}

KAPI(kstrdup_quotable, Real, char*, (const char* source, unsigned gfp)) {
  if (!source) return nullptr;
  static constexpr char kSpecial[] = "\f\n\r\t\v\a\033\\\"";
  size_t length = std::strlen(source);
  format::Output counted(nullptr, 0);
  escape_text(counted, {source, length}, kEscapeHex, kSpecial);
  char* copy = static_cast<char*>(allocate_if_possible(counted.used() + 1, gfp));
  if (!copy) return nullptr;
  format::Output out(copy, counted.used() + 1);
  escape_text(out, {source, length}, kEscapeHex, kSpecial);
  out.terminate();
  return copy;
}

KAPI(kstrdup_and_replace, Real, char*, (const char* source, char from, char to, unsigned gfp)) {
  size_t size = std::strlen(source) + 1;
  char* copy = static_cast<char*>(allocate_if_possible(size, gfp));
  if (!copy) return nullptr;
  std::memcpy(copy, source, size);
  for (char* at = copy; *at; at++)
    if (*at == from) *at = to;
  return copy;
}

// Two lists ended by null, joined into a new one.
KAPI(__memcat_p, Real, void**, (void** a, void** b)) {
  size_t first = 0, second = 0;
  while (a[first]) first++;
  while (b[second]) second++;
  constexpr unsigned kGfpKernel = 0xcc0;
  auto joined =
      static_cast<void**>(allocate_if_possible((first + second + 1) * sizeof(void*), kGfpKernel));
  if (!joined) return nullptr;
  std::memcpy(joined, a, first * sizeof(void*));
  std::memcpy(joined + first, b, (second + 1) * sizeof(void*));
  return joined;
}

}  // namespace

void bind_string_helpers(const target::Target& target) {
  strreplace_returns_end = !target.find_export("kstrdup_and_replace");
}

}  // namespace ring3::kernel
