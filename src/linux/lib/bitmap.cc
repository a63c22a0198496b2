// SPDX-License-Identifier: GPL-2.0-only
// lib/bitmap.c: sets of bits. and, andnot and the comparisons look only at the map's own bits; or,
// xor, complement and replace work on whole words, as in Linux.
#include "linux/include/bitmap.h"

#include <bit>
#include <cerrno>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/slab.h"

namespace ring3::kernel {
namespace {

template <class Fn>
void each_word(unsigned bits, Fn&& fn) {
  for (size_t i = 0; i < words_for(bits); i++) fn(i);
}
// fn(i, mask) with the mask of the map's own bits.
template <class Fn>
bool any_word(unsigned bits, Fn&& fn) {
  for (size_t i = 0; i < words_for(bits); i++)
    if (fn(i) & ((i + 1) * kWordBits > bits ? last_word_mask(bits) : ~Word{0})) return true;
  return false;
}
template <class WordAt>
unsigned weight(unsigned bits, WordAt&& word) {
  unsigned sum = 0;
  for (size_t i = 0; i < words_for(bits); i++)
    sum += std::popcount(word(i) & ((i + 1) * kWordBits > bits ? last_word_mask(bits) : ~Word{0}));
  return sum;
}

KAPI(__bitmap_equal, Real, bool, (const Word* a, const Word* b, unsigned bits)) {
  return !any_word(bits, [=](size_t i) { return a[i] ^ b[i]; });
}
KAPI(__bitmap_intersects, Real, bool, (const Word* a, const Word* b, unsigned bits)) {
  return any_word(bits, [=](size_t i) { return a[i] & b[i]; });
}
KAPI(__bitmap_subset, Real, bool, (const Word* a, const Word* b, unsigned bits)) {
  return !any_word(bits, [=](size_t i) { return a[i] & ~b[i]; });
}
KAPI(__bitmap_weight, Real, unsigned, (const Word* map, unsigned bits)) {
  return weight(bits, [=](size_t i) { return map[i]; });
}
KAPI(__bitmap_weight_and, Real, unsigned, (const Word* a, const Word* b, unsigned bits)) {
  return weight(bits, [=](size_t i) { return a[i] & b[i]; });
}
KAPI(__bitmap_weight_andnot, Real, unsigned, (const Word* a, const Word* b, unsigned bits)) {
  return weight(bits, [=](size_t i) { return a[i] & ~b[i]; });
}

KAPI(__bitmap_complement, Real, void, (Word * target, const Word* source, unsigned bits)) {
  each_word(bits, [=](size_t i) { target[i] = ~source[i]; });
}
KAPI(__bitmap_or, Real, void, (Word * target, const Word* a, const Word* b, unsigned bits)) {
  each_word(bits, [=](size_t i) { target[i] = a[i] | b[i]; });
}
KAPI(__bitmap_xor, Real, void, (Word * target, const Word* a, const Word* b, unsigned bits)) {
  each_word(bits, [=](size_t i) { target[i] = a[i] ^ b[i]; });
}
KAPI(__bitmap_replace, Real, void,
     (Word * target, const Word* old, const Word* fresh, const Word* mask, unsigned bits)) {
  each_word(bits, [=](size_t i) { target[i] = (old[i] & ~mask[i]) | (fresh[i] & mask[i]); });
}
template <class Fn>
bool combine(Word* target, unsigned bits, Fn&& fn) {
  Word any = 0;
  for (size_t i = 0; i < words_for(bits); i++) {
    target[i] = fn(i) & ((i + 1) * kWordBits > bits ? last_word_mask(bits) : ~Word{0});
    any |= target[i];
  }
  return any != 0;
}
KAPI(__bitmap_and, Real, bool, (Word * target, const Word* a, const Word* b, unsigned bits)) {
  return combine(target, bits, [=](size_t i) { return a[i] & b[i]; });
}
KAPI(__bitmap_andnot, Real, bool, (Word * target, const Word* a, const Word* b, unsigned bits)) {
  return combine(target, bits, [=](size_t i) { return a[i] & ~b[i]; });
}

KAPI(__bitmap_set, Real, void, (Word * map, unsigned start, int count)) {
  for (int i = 0; i < count; i++) set_bit(map, start + i);
}
KAPI(__bitmap_clear, Real, void, (Word * map, unsigned start, int count)) {
  for (int i = 0; i < count; i++) clear_bit(map, start + i);
}

// Towards bit 0: bits of higher words move in, what is behind the map counts as zero.
void shift_right(Word* target, const Word* source, unsigned shift, unsigned bits) {
  size_t words = words_for(bits), skip = shift / kWordBits;
  unsigned part = shift % kWordBits;
  auto masked = [=](size_t i) {
    return i >= words ? 0 : source[i] & (i + 1 == words ? last_word_mask(bits) : ~Word{0});
  };
  for (size_t i = 0; i < words; i++) {
    Word low = masked(i + skip) >> part;
    Word high = part ? masked(i + skip + 1) << (kWordBits - part) : 0;
    target[i] = low | high;
  }
}
KAPI(__bitmap_shift_right, Real, void,
     (Word * target, const Word* source, unsigned shift, unsigned bits)) {
  shift_right(target, source, shift, bits);
}
KAPI(__bitmap_shift_left, Real, void,
     (Word * target, const Word* source, unsigned shift, unsigned bits)) {
  size_t words = words_for(bits), skip = shift / kWordBits;
  unsigned part = shift % kWordBits;
  for (size_t i = words; i--;) {
    Word high = i >= skip ? source[i - skip] << part : 0;
    Word low = part && i > skip ? source[i - skip - 1] >> (kWordBits - part) : 0;
    target[i] = high | low;
  }
}
// Takes `cut` bits out at `first`; what is above moves down.
KAPI(bitmap_cut, Real, void,
     (Word * target, const Word* source, unsigned first, unsigned cut, unsigned bits)) {
  size_t words = words_for(bits);
  Word kept =
      first % kWordBits ? source[first / kWordBits] & ((Word{1} << first % kWordBits) - 1) : 0;
  std::memmove(target, source, words * sizeof(Word));
  for (; cut; cut--)
    for (size_t i = first / kWordBits; i < words; i++) {
      Word carry = i + 1 < words ? target[i + 1] & 1 : 0;
      target[i] = target[i] >> 1 | carry << (kWordBits - 1);
    }
  if (first / kWordBits < words) {
    target[first / kWordBits] &= ~Word{0} << first % kWordBits;
    target[first / kWordBits] |= kept;
  }
}

// Where `count` free bits lie in a row; the place plus `offset` is a multiple of the mask plus 1.
KAPI(bitmap_find_next_zero_area_off, Real, Word,
     (Word * map, Word size, Word start, unsigned count, Word align_mask, Word align_offset)) {
  for (;;) {
    size_t place = find_next_zero(map, size, start);
    place = ((place + align_offset + align_mask) & ~align_mask) - align_offset;
    size_t end = place + count;
    if (end > size) return end;
    size_t taken = find_next(map, end, place);
    if (taken >= end) return place;
    start = taken + 1;
  }
}

// Regions of 2^order bits at multiples of their size; gone from the exports in 6.12.
bool region(Word* map, unsigned place, int order, bool set, bool test) {
  for (unsigned i = place; i < place + (1u << order); i++) {
    if (test && test_bit(map, i)) return false;
    if (!test && set) set_bit(map, i);
    if (!test && !set) clear_bit(map, i);
  }
  return true;
}
KAPI(bitmap_allocate_region, Real, int, (Word * map, unsigned place, int order)) {
  if (!region(map, place, order, false, true)) return -EBUSY;
  region(map, place, order, true, false);
  return 0;
}
KAPI(bitmap_release_region, Real, void, (Word * map, unsigned place, int order)) {
  region(map, place, order, false, false);
}
KAPI(bitmap_find_free_region, Real, int, (Word * map, unsigned bits, int order)) {
  for (unsigned place = 0; place + (1u << order) <= bits; place += 1u << order) {
    if (!region(map, place, order, false, true)) continue;
    region(map, place, order, true, false);
    return static_cast<int>(place);
  }
  return -ENOMEM;
}

// remap: the nth set bit of `old` becomes the nth set bit of `fresh` (modulo their number).
unsigned rank(const Word* map, unsigned bit) {
  unsigned below = 0;
  for (unsigned i = 0; i < bit; i++) below += test_bit(map, i);
  return below;
}
unsigned select(const Word* map, unsigned n, unsigned bits) {
  for (unsigned i = 0; i < bits; i++)
    if (test_bit(map, i) && n-- == 0) return i;
  return bits;
}
unsigned remapped(unsigned bit, const Word* old, const Word* fresh, unsigned bits) {
  unsigned count = weight(bits, [=](size_t i) { return fresh[i]; });
  if (bit >= bits || !test_bit(old, bit) || !count) return bit;
  return select(fresh, rank(old, bit) % count, bits);
}
KAPI(bitmap_remap, Real, void,
     (Word * target, const Word* source, const Word* old, const Word* fresh, unsigned bits)) {
  if (target == source) return;
  std::memset(target, 0, words_for(bits) * sizeof(Word));
  for (unsigned bit = 0; bit < bits; bit++)
    if (test_bit(source, bit)) set_bit(target, remapped(bit, old, fresh, bits));
}
KAPI(bitmap_bitremap, Real, int, (int bit, const Word* old, const Word* fresh, int bits)) {
  return static_cast<int>(remapped(bit, old, fresh, bits));
}

KAPI(bitmap_from_arr32, Real, void, (Word * map, const uint32_t* halves, unsigned bits)) {
  unsigned count = (bits + 31) / 32;
  for (unsigned i = 0; i < count; i++) {
    if (i % 2)
      map[i / 2] |= static_cast<Word>(halves[i]) << 32;
    else
      map[i / 2] = halves[i];
  }
  if (bits % kWordBits) map[(count - 1) / 2] &= last_word_mask(bits);
}
KAPI(bitmap_to_arr32, Real, void, (uint32_t * halves, const Word* map, unsigned bits)) {
  unsigned count = (bits + 31) / 32;
  for (unsigned i = 0; i < count; i++) halves[i] = static_cast<uint32_t>(map[i / 2] >> i % 2 * 32);
  if (bits % 32) halves[count - 1] &= ~0u >> (32 - bits % 32);
}

constexpr unsigned kGfpZero = 0x100;
Word* allocate(unsigned bits, unsigned gfp, bool zero) {
  size_t size = words_for(bits) * sizeof(Word);
  auto map = static_cast<Word*>(allocate_if_possible(size, zero ? gfp | kGfpZero : gfp));
  if (map && zero) std::memset(map, 0, size);
  return map;
}
KAPI(bitmap_alloc, Real, Word*, (unsigned bits, unsigned gfp)) {
  return allocate(bits, gfp, false);
}
KAPI(bitmap_zalloc, Real, Word*, (unsigned bits, unsigned gfp)) {
  return allocate(bits, gfp, true);
}
KAPI(bitmap_alloc_node, Real, Word*, (unsigned bits, unsigned gfp, int node)) {
  return allocate(bits, gfp, false);
}
KAPI(bitmap_zalloc_node, Real, Word*, (unsigned bits, unsigned gfp, int node)) {
  return allocate(bits, gfp, true);
}
KAPI(bitmap_free, Real, void, (const Word* map)) { free_if_possible(map); }

}  // namespace
}  // namespace ring3::kernel
