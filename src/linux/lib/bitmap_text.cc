// SPDX-License-Identifier: GPL-2.0-only
// lib/bitmap-str.c: bitmaps as text, read and printed. Two notations: words in hex with commas
// ("8,00000003", bitmap_parse) and ranges ("0,4-7,10-30:2/5", bitmap_parselist).
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/bitmap.h"
#include "linux/include/ctype.h"
#include "linux/include/format.h"
#include "linux/include/slab.h"

namespace ring3::kernel {
namespace {

constexpr size_t kPage = 4096;

bool separates(char c) { return is_space(c) || c == ','; }

// A decimal number below 2^32.
int read_number(const char*& text, const char* end, unsigned& value) {
  if (text >= end || !is_digit(*text)) return -EINVAL;
  uint64_t sum = 0;
  for (; text < end && is_digit(*text); text++) {
    sum = sum * 10 + (*text - '0');
    if (sum > UINT32_MAX) return -EOVERFLOW;
  }
  value = static_cast<unsigned>(sum);
  return 0;
}

struct Region {
  unsigned start, end, used, group, bits;
};

// "N" is the last bit of the map, whatever its size.
int read_bit(const char*& text, const char* end, const Region& region, unsigned& value) {
  if (text < end && *text == 'N') {
    value = region.bits - 1;
    text++;
    return 0;
  }
  return read_number(text, end, value);
}

// "5", "5-9", "5-9:1/2", "all", "all:1/2"
int read_region(const char*& text, const char* end, Region& region) {
  bool all = end - text >= 3 && !strncasecmp(text, "all", 3);
  bool range = all;
  if (all) {
    region.start = 0;
    region.end = region.bits - 1;
    text += 3;
  } else {
    if (int error = read_bit(text, end, region, region.start)) return error;
    region.end = region.start;
    if (text < end && *text == '-') {
      text++;
      if (int error = read_bit(text, end, region, region.end)) return error;
      range = true;
    }
  }
  region.used = region.group = region.end + 1;
  if (text == end || separates(*text)) return 0;
  if (!range || *text != ':') return -EINVAL;
  text++;
  if (int error = read_number(text, end, region.used)) return error;
  if (text == end || *text != '/') return -EINVAL;
  text++;
  return read_number(text, end, region.group);
}

int parse_list(const char* text, Word* map, int bits) {
  const char* end = text;
  while (*end && *end != '\n') end++;
  std::memset(map, 0, words_for(bits) * sizeof(Word));
  Region region{.bits = static_cast<unsigned>(bits)};
  for (;;) {
    while (text < end && separates(*text)) text++;
    if (text == end) return 0;
    if (int error = read_region(text, end, region)) return error;
    if (text < end && !separates(*text)) return -EINVAL;
    if (region.start > region.end || !region.group || region.used > region.group) return -EINVAL;
    if (region.end >= region.bits) return -ERANGE;
    for (unsigned base = region.start; base <= region.end; base += region.group)
      for (unsigned i = base; i < base + region.used && i <= region.end; i++) set_bit(map, i);
  }
}

// Words of 32 bits in hex, the highest first; read from the end.
int parse_words(const char* text, unsigned size, Word* map, int bits) {
  const char* begin = text;
  const char* end = begin + ::strnlen(begin, std::min<size_t>(size, INT32_MAX));
  if (const char* newline = static_cast<const char*>(std::memchr(begin, '\n', end - begin)))
    end = newline;
  size_t chunks = (bits + 31) / 32;
  std::memset(map, 0, words_for(bits) * sizeof(Word));
  size_t chunk = 0;
  while (true) {
    while (end > begin && separates(end[-1])) end--;
    if (end == begin) break;
    if (chunk == chunks) return -EOVERFLOW;
    uint32_t value = 0;
    int digits = 0;
    while (end > begin && !separates(end[-1])) {
      char c = *--end;
      if (!is_hex_digit(c)) return -EINVAL;
      if (digits == 8) return -EOVERFLOW;
      value |= static_cast<uint32_t>(digit_value(c)) << (4 * digits++);
    }
    map[chunk / 2] |= static_cast<Word>(value) << (chunk % 2 * 32);
    chunk++;
  }
  if (bits % kWordBits && map[words_for(bits) - 1] & ~last_word_mask(bits)) return -EOVERFLOW;
  return 0;
}

KAPI(bitmap_parselist, Real, int, (const char* text, Word* map, int bits)) {
  return parse_list(text, map, bits);
}
KAPI(bitmap_parse, Real, int, (const char* text, unsigned size, Word* map, int bits)) {
  return parse_words(text, size, map, bits);
}

// Into a sysfs page: what is left of it bounds the text.
KAPI(bitmap_print_to_pagebuf, Real, int, (bool list, char* buffer, const Word* map, int bits)) {
  size_t room = kPage - reinterpret_cast<uint64_t>(buffer) % kPage;
  format::Output out(buffer, room);
  if (list)
    format::bitmap_list(out, map, bits);
  else
    format::bitmap_words(out, map, bits);
  out.put('\n');
  out.terminate();
  return static_cast<int>(std::min(out.used(), room - 1));
}

// The part of the text (with its newline) that begins at `offset`, for files larger than a page.
template <class Print>
int print_part(char* buffer, int64_t offset, size_t count, Print&& print) {
  if (offset < 0) return -EINVAL;
  format::Output counter(nullptr, 0);
  print(counter);
  size_t total = counter.used() + 1, begin = static_cast<size_t>(offset);
  if (begin >= total) return 0;
  // Printed whole into memory of the call, which only such long files need.
  constexpr unsigned kGfpKernel = 0xcc0;
  char* text = static_cast<char*>(allocate_if_possible(total + 1, kGfpKernel));
  if (!text) return -ENOMEM;
  format::Output out(text, total + 1);
  print(out);
  out.put('\n');
  size_t copied = std::min(count, total - begin);
  std::memcpy(buffer, text + begin, copied);
  free_if_possible(text);
  return static_cast<int>(copied);
}
KAPI(bitmap_print_bitmask_to_buf, Real, int,
     (char* buffer, const Word* map, int bits, int64_t offset, size_t count)) {
  return print_part(buffer, offset, count,
                    [=](format::Output& out) { format::bitmap_words(out, map, bits); });
}
KAPI(bitmap_print_list_to_buf, Real, int,
     (char* buffer, const Word* map, int bits, int64_t offset, size_t count)) {
  return print_part(buffer, offset, count,
                    [=](format::Output& out) { format::bitmap_list(out, map, bits); });
}

}  // namespace
}  // namespace ring3::kernel
