// SPDX-License-Identifier: GPL-2.0-only
// lib/sbitmap.c: a map of bits to take and give back from many CPUs at once, in words of their own
// cache lines; what is given back is collected in `cleared` and taken over when a word is full.
// With the wait queues on top (sbitmap_queue.cc) it hands out the tags of block devices.
#include "linux/lib/sbitmap.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/bitmap.h"
#include "linux/include/random.h"
#include "linux/mm/mm.h"

namespace ring3::kernel {

KSIZE(sbitmap_word);
KFIELD(sbitmap_word, word, unsigned long);
KFIELD(sbitmap_word, cleared, unsigned long);

namespace {

using Map = k::sbitmap;

std::atomic<Word>& word_of(const Map* map, unsigned index) {
  uint64_t at = reinterpret_cast<uint64_t>(sbitmap_map(map)) + index * sizeof_sbitmap_word();
  return word<Word>(&sbitmap_word_word(reinterpret_cast<void*>(at)));
}
std::atomic<Word>& cleared_of(const Map* map, unsigned index) {
  uint64_t at = reinterpret_cast<uint64_t>(sbitmap_map(map)) + index * sizeof_sbitmap_word();
  return word<Word>(&sbitmap_word_cleared(reinterpret_cast<void*>(at)));
}
unsigned bits_of_word(const Map* map, unsigned index) {
  if (index + 1 == sbitmap_map_nr(map)) return sbitmap_depth(map) - (index << sbitmap_shift(map));
  return 1u << sbitmap_shift(map);
}
unsigned& hint_of(const Map* map, unsigned cpu) {
  return *static_cast<unsigned*>(
      machine::percpu().at(cpu, reinterpret_cast<uint64_t>(sbitmap_alloc_hint(map))));
}
bool take_over_cleared(const Map* map, unsigned index) {
  Word cleared = cleared_of(map, index).exchange(0);
  if (cleared) word_of(map, index).fetch_and(~cleared);
  return cleared != 0;
}

int take_in_word(std::atomic<Word>& word, unsigned depth, unsigned hint, bool wrap) {
  wrap = wrap && hint;
  while (true) {
    Word now = word.load();
    unsigned bit = find_next_zero(&now, depth, hint);
    if (bit >= depth) {
      if (!hint || !wrap) return -1;
      hint = 0;
      continue;
    }
    if (!(word.fetch_or(Word{1} << bit) >> bit & 1)) return static_cast<int>(bit);
    hint = bit + 1 >= depth - 1 ? 0 : bit + 1;
  }
}
int take(Map* map, unsigned hint, unsigned most_in_word) {
  const unsigned shift = sbitmap_shift(map);
  const bool round_robin = sbitmap_round_robin(map);
  unsigned index = hint >> shift, first = round_robin ? hint & ((1u << shift) - 1) : 0;
  for (unsigned i = 0; i < sbitmap_map_nr(map); i++) {
    unsigned depth = std::min(bits_of_word(map, index), most_in_word);
    do {
      int bit = take_in_word(word_of(map, index), depth, first, !round_robin);
      if (bit >= 0) return static_cast<int>(index << shift) + bit;
    } while (take_over_cleared(map, index));
    first = 0;
    if (++index >= sbitmap_map_nr(map)) index = 0;
  }
  return -1;
}

}  // namespace

int sbitmap_take(Map* map, unsigned most_in_word) {
  const unsigned depth = sbitmap_depth(map);
  if (!sbitmap_alloc_hint(map)) return take(map, 0, most_in_word);
  uint64_t flags = interrupts_save();
  unsigned& saved = hint_of(map, this_cpu());
  unsigned hint = saved;
  if (hint >= depth) {
    kernel_random(&hint, sizeof(hint));
    saved = hint = depth ? hint % depth : 0;
  }
  int bit = take(map, hint, most_in_word);
  if (bit == -1)
    saved = 0;
  else if (bit == static_cast<int>(hint) || sbitmap_round_robin(map))
    saved = static_cast<unsigned>(bit) + 1 >= depth - 1 ? 0 : bit + 1;
  interrupts_restore(flags);
  return bit;
}

void sbitmap_give_back(Map* map, unsigned bit, unsigned cpu) {
  const unsigned shift = sbitmap_shift(map);
  cleared_of(map, bit >> shift).fetch_or(Word{1} << (bit & ((1u << shift) - 1)));
  if (sbitmap_alloc_hint(map) && !sbitmap_round_robin(map) && bit < sbitmap_depth(map))
    hint_of(map, cpu) = bit;
}

int sbitmap_make(Map* map, unsigned depth, int shift, unsigned gfp, bool round_robin, bool hints) {
  if (shift < 0) {
    shift = 6;
    while (depth >= 4 && 4u << shift > depth) shift--;
  }
  const unsigned bits = 1u << shift;
  if (bits > kWordBits) return -EINVAL;
  sbitmap_shift(map) = shift;
  sbitmap_depth(map) = depth;
  sbitmap_map_nr(map) = (depth + bits - 1) / bits;
  sbitmap_round_robin(map) = round_robin;
  sbitmap_map(map) = nullptr;
  sbitmap_alloc_hint(map) = nullptr;
  if (!depth) return 0;
  if (hints) {
    uint64_t place = machine::percpu().allocate(sizeof(unsigned), 4, module_caller());
    if (!place) return -ENOMEM;
    sbitmap_alloc_hint(map) = reinterpret_cast<unsigned*>(place);
    for (unsigned cpu = 0; !round_robin && cpu < machine::percpu().cpus(); cpu++) {
      unsigned number;
      kernel_random(&number, sizeof(number));
      hint_of(map, cpu) = number % depth;
    }
  }
  sbitmap_map(map) = static_cast<k::sbitmap_word*>(
      kv_allocate(sbitmap_map_nr(map) * sizeof_sbitmap_word(), gfp | kGfpZero, module_caller()));
  if (sbitmap_map(map)) return 0;
  if (hints) machine::percpu().free(reinterpret_cast<uint64_t>(sbitmap_alloc_hint(map)), 0);
  return -ENOMEM;
}

void sbitmap_change_depth(Map* map, unsigned depth) {
  for (unsigned i = 0; i < sbitmap_map_nr(map); i++) take_over_cleared(map, i);
  const unsigned bits = 1u << sbitmap_shift(map);
  sbitmap_depth(map) = depth;
  sbitmap_map_nr(map) = (depth + bits - 1) / bits;
}

namespace {

KAPI(sbitmap_init_node, Real, int,
     (Map * map, unsigned depth, int shift, unsigned gfp, int, bool round_robin, bool hints)) {
  return sbitmap_make(map, depth, shift, gfp, round_robin, hints);
}
KAPI(sbitmap_resize, Real, void, (Map * map, unsigned depth)) { sbitmap_change_depth(map, depth); }
KAPI(sbitmap_get, Real, int, (Map * map)) { return sbitmap_take(map, kWordBits); }
KAPI(sbitmap_get_shallow, Partial("limits each word, as 6.1 does; 6.12 limits the map as a whole"),
     int, (Map * map, unsigned long most)) {
  return sbitmap_take(map, std::min<unsigned long>(most, kWordBits));
}
KAPI(sbitmap_any_bit_set, Real, bool, (const Map* map)) {
  for (unsigned i = 0; i < sbitmap_map_nr(map); i++)
    if (word_of(map, i).load() & ~cleared_of(map, i).load()) return true;
  return false;
}
KAPI(sbitmap_weight, Real, unsigned, (const Map* map)) {
  unsigned count = 0;
  for (unsigned i = 0; i < sbitmap_map_nr(map); i++) {
    Word mask = last_word_mask(bits_of_word(map, i));
    count += std::popcount(word_of(map, i).load() & mask);
    count -= std::popcount(cleared_of(map, i).load() & mask);
  }
  return count;
}

}  // namespace
}  // namespace ring3::kernel
