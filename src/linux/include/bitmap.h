// SPDX-License-Identifier: GPL-2.0-only
// Words of bits as lib/bitmap.c, lib/find_bit.c and their callers see them: bit i is bit i % 64 of
// word i / 64, and what lies behind the last bit of the last word is nobody's.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ring3::kernel {

using Word = unsigned long;
inline constexpr size_t kWordBits = 64;

inline size_t words_for(size_t bits) { return (bits + kWordBits - 1) / kWordBits; }
// The bits of the last word that belong to a map of this many bits.
inline Word last_word_mask(size_t bits) { return ~Word{0} >> (-bits & (kWordBits - 1)); }
inline bool test_bit(const Word* map, size_t bit) {
  return map[bit / kWordBits] >> (bit % kWordBits) & 1;
}
inline void set_bit(Word* map, size_t bit) { map[bit / kWordBits] |= Word{1} << (bit % kWordBits); }
inline void clear_bit(Word* map, size_t bit) {
  map[bit / kWordBits] &= ~(Word{1} << (bit % kWordBits));
}

// The first bit at or after `start` that is set in word(i), or `size`.
template <class WordAt>
size_t find_from(size_t size, size_t start, WordAt&& word) {
  if (start >= size) return size;
  size_t i = start / kWordBits;
  Word bits = word(i) & ~Word{0} << (start % kWordBits);
  while (!bits) {
    if (++i * kWordBits >= size) return size;
    bits = word(i);
  }
  size_t found = i * kWordBits + __builtin_ctzl(bits);
  return found < size ? found : size;
}
inline size_t find_next(const Word* map, size_t size, size_t start) {
  return find_from(size, start, [map](size_t i) { return map[i]; });
}
inline size_t find_next_zero(const Word* map, size_t size, size_t start) {
  return find_from(size, start, [map](size_t i) { return ~map[i]; });
}

}  // namespace ring3::kernel
