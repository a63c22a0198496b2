// SPDX-License-Identifier: GPL-2.0-only
// lib/find_bit.c: the first, the next, the last and the nth bit of a map or of a combination of
// maps. "Not found" is the size.
#include <bit>

#include "kapi/kapi.h"
#include "linux/include/bitmap.h"

namespace ring3::kernel {
namespace {

// The bit that has n set bits below it.
template <class WordAt>
Word nth(size_t size, size_t n, WordAt&& word) {
  for (size_t i = 0; i * kWordBits < size; i++) {
    Word bits = word(i);
    if ((i + 1) * kWordBits > size) bits &= last_word_mask(size);
    size_t count = std::popcount(bits);
    if (n >= count) {
      n -= count;
      continue;
    }
    for (; n; n--) bits &= bits - 1;
    return i * kWordBits + std::countr_zero(bits);
  }
  return size;
}

KAPI(_find_first_bit, Real, Word, (const Word* map, Word size)) { return find_next(map, size, 0); }
KAPI(_find_first_zero_bit, Real, Word, (const Word* map, Word size)) {
  return find_next_zero(map, size, 0);
}
KAPI(_find_first_and_bit, Real, Word, (const Word* a, const Word* b, Word size)) {
  return find_from(size, 0, [=](size_t i) { return a[i] & b[i]; });
}
KAPI(_find_first_and_and_bit, Real, Word,
     (const Word* a, const Word* b, const Word* c, Word size)) {
  return find_from(size, 0, [=](size_t i) { return a[i] & b[i] & c[i]; });
}
KAPI(_find_next_bit, Real, Word, (const Word* map, Word size, Word start)) {
  return find_next(map, size, start);
}
KAPI(_find_next_zero_bit, Real, Word, (const Word* map, Word size, Word start)) {
  return find_next_zero(map, size, start);
}
KAPI(_find_next_and_bit, Real, Word, (const Word* a, const Word* b, Word size, Word start)) {
  return find_from(size, start, [=](size_t i) { return a[i] & b[i]; });
}
KAPI(_find_next_andnot_bit, Real, Word, (const Word* a, const Word* b, Word size, Word start)) {
  return find_from(size, start, [=](size_t i) { return a[i] & ~b[i]; });
}
KAPI(_find_next_or_bit, Real, Word, (const Word* a, const Word* b, Word size, Word start)) {
  return find_from(size, start, [=](size_t i) { return a[i] | b[i]; });
}
KAPI(_find_last_bit, Real, Word, (const Word* map, Word size)) {
  for (size_t i = words_for(size); i--;) {
    Word bits = map[i];
    if ((i + 1) * kWordBits > size) bits &= last_word_mask(size);
    if (bits) return i * kWordBits + kWordBits - 1 - std::countl_zero(bits);
  }
  return size;
}
KAPI(__find_nth_bit, Real, Word, (const Word* map, Word size, Word n)) {
  return nth(size, n, [=](size_t i) { return map[i]; });
}
KAPI(__find_nth_and_bit, Real, Word, (const Word* a, const Word* b, Word size, Word n)) {
  return nth(size, n, [=](size_t i) { return a[i] & b[i]; });
}
KAPI(__find_nth_andnot_bit, Real, Word, (const Word* a, const Word* b, Word size, Word n)) {
  return nth(size, n, [=](size_t i) { return a[i] & ~b[i]; });
}
KAPI(__find_nth_and_andnot_bit, Real, Word,
     (const Word* a, const Word* b, const Word* c, Word size, Word n)) {
  return nth(size, n, [=](size_t i) { return a[i] & b[i] & ~c[i]; });
}
// Eight bits from the byte that holds the next set bit.
KAPI(find_next_clump8, Real, Word, (Word * clump, const Word* map, Word size, Word start)) {
  size_t bit = find_next(map, size, start);
  if (bit == size) return size;
  bit &= ~size_t{7};
  *clump = map[bit / kWordBits] >> (bit % kWordBits) & 0xff;
  return bit;
}

}  // namespace
}  // namespace ring3::kernel
