// SPDX-License-Identifier: GPL-2.0-only
// A map of bits for many CPUs, for the queue on top of it.
#pragma once

#include "kapi/field.h"
#include "linux/include/sched.h"

namespace ring3::k {
struct sbitmap;
struct sbitmap_word;
}  // namespace ring3::k

namespace ring3::kernel {

KFIELD(sbitmap, depth, unsigned);
KFIELD(sbitmap, shift, unsigned);
KFIELD(sbitmap, map_nr, unsigned);
KFIELD(sbitmap, round_robin, bool);
KFIELD(sbitmap, map, k::sbitmap_word*);
KFIELD(sbitmap, alloc_hint, unsigned*);

// -1: all are taken, or the first `most_in_word` of each word.
int sbitmap_take(k::sbitmap* map, unsigned most_in_word);
void sbitmap_give_back(k::sbitmap* map, unsigned bit, unsigned cpu);
int sbitmap_make(k::sbitmap* map, unsigned depth, int shift, unsigned gfp, bool round_robin,
                 bool hints);
void sbitmap_change_depth(k::sbitmap* map, unsigned depth);

}  // namespace ring3::kernel
