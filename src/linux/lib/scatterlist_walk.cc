// SPDX-License-Identifier: GPL-2.0-only
// lib/scatterlist.c: a scatterlist page by page, piece by piece as mapped memory, and copied from
// and to a buffer. All memory is mapped here, so mapping a piece is finding its address; an atomic
// one forbids preemption as Linux does.
#include <algorithm>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/scatterlist.h"
#include "linux/include/sched.h"
#include "linux/mm/struct_page.h"

namespace ring3::k {
struct sg_page_iter;
struct sg_dma_page_iter;
struct sg_mapping_iter;
}  // namespace ring3::k

namespace ring3::kernel {

KSIZE(sg_mapping_iter);
KFIELD(sg_page_iter, sg, k::scatterlist*);
KFIELD(sg_page_iter, sg_pgoffset, unsigned);
KFIELD(sg_page_iter, __nents, unsigned);
KFIELD(sg_page_iter, __pg_advance, int);
KFIELD(sg_mapping_iter, page, k::page*);
KFIELD(sg_mapping_iter, addr, void*);
KFIELD(sg_mapping_iter, length, size_t);
KFIELD(sg_mapping_iter, consumed, size_t);
KPLACE(sg_mapping_iter, piter, page_walk);
KFIELD(sg_mapping_iter, __offset, unsigned);
KFIELD(sg_mapping_iter, __remaining, unsigned);
KFIELD(sg_mapping_iter, __flags, unsigned);

namespace {

using List = k::scatterlist;
using PageWalk = k::sg_page_iter;
using Walk = k::sg_mapping_iter;

constexpr unsigned kAtomic = 1;  // SG_MITER_ATOMIC

unsigned pages_of(const List* sg, unsigned length) {
  return (scatterlist_offset(sg) + length + machine::kPageBytes - 1) >> machine::kPageShift;
}

// One page on, through entries that have fewer pages than the place; false at the end.
template <class Length>
bool advance(PageWalk* walk, Length&& length) {
  if (!sg_page_iter___nents(walk) || !sg_page_iter_sg(walk)) return false;
  sg_page_iter_sg_pgoffset(walk) += sg_page_iter___pg_advance(walk);
  sg_page_iter___pg_advance(walk) = 1;
  while (true) {
    List* sg = sg_page_iter_sg(walk);
    unsigned pages = pages_of(sg, length(sg));
    if (sg_page_iter_sg_pgoffset(walk) < pages) return true;
    sg_page_iter_sg_pgoffset(walk) -= pages;
    sg_page_iter_sg(walk) = sg_next(sg);
    if (!--sg_page_iter___nents(walk) || !sg_page_iter_sg(walk)) return false;
  }
}
bool next_page(PageWalk* walk) {
  return advance(walk, [](const List* sg) { return scatterlist_length(sg); });
}
k::page* page_of(const PageWalk* walk) {
  return reinterpret_cast<k::page*>(reinterpret_cast<uint64_t>(sg_page(sg_page_iter_sg(walk))) +
                                    sg_page_iter_sg_pgoffset(walk) * sizeof_page());
}
void begin(PageWalk* walk, List* list, unsigned entries, unsigned long page_offset) {
  sg_page_iter___pg_advance(walk) = 0;
  sg_page_iter___nents(walk) = entries;
  sg_page_iter_sg(walk) = list;
  sg_page_iter_sg_pgoffset(walk) = page_offset;
}

KAPI(__sg_page_iter_start, Real, void,
     (PageWalk * walk, List* list, unsigned entries, unsigned long page_offset)) {
  begin(walk, list, entries, page_offset);
}
KAPI(__sg_page_iter_next, Real, bool, (PageWalk * walk)) { return next_page(walk); }
KAPI(__sg_page_iter_dma_next, Real, bool, (k::sg_dma_page_iter * walk)) {
  return advance(reinterpret_cast<PageWalk*>(walk),
                 [](const List* sg) { return sg_dma_length(sg); });
}

PageWalk* inner(const Walk* walk) {
  return static_cast<PageWalk*>(sg_mapping_iter_page_walk(walk));
}

void start(Walk* walk, List* list, unsigned entries, unsigned flags) {
  std::memset(static_cast<void*>(walk), 0, sizeof_sg_mapping_iter());
  begin(inner(walk), list, entries, 0);
  sg_mapping_iter___flags(walk) = flags;
}

// Makes sure that something is left of the page it stands on.
bool find_page(Walk* walk) {
  if (sg_mapping_iter___remaining(walk)) return true;
  PageWalk* pages = inner(walk);
  if (!next_page(pages)) return false;
  List* sg = sg_page_iter_sg(pages);
  unsigned& at = sg_page_iter_sg_pgoffset(pages);
  unsigned offset = at ? 0 : scatterlist_offset(sg);
  at += offset >> machine::kPageShift;
  offset %= machine::kPageBytes;
  unsigned left =
      scatterlist_offset(sg) + scatterlist_length(sg) - (at << machine::kPageShift) - offset;
  sg_mapping_iter___offset(walk) = offset;
  sg_mapping_iter___remaining(walk) = std::min<unsigned>(left, machine::kPageBytes - offset);
  return true;
}

void stop(Walk* walk) {
  if (!sg_mapping_iter_addr(walk)) return;
  sg_mapping_iter___offset(walk) += sg_mapping_iter_consumed(walk);
  sg_mapping_iter___remaining(walk) -= sg_mapping_iter_consumed(walk);
  if (sg_mapping_iter___flags(walk) & kAtomic) preempt_enable();
  sg_mapping_iter_page(walk) = nullptr;
  sg_mapping_iter_addr(walk) = nullptr;
  sg_mapping_iter_length(walk) = 0;
  sg_mapping_iter_consumed(walk) = 0;
}

bool next(Walk* walk) {
  stop(walk);
  if (!find_page(walk)) return false;
  sg_mapping_iter_page(walk) = page_of(inner(walk));
  sg_mapping_iter_length(walk) = sg_mapping_iter_consumed(walk) = sg_mapping_iter___remaining(walk);
  if (sg_mapping_iter___flags(walk) & kAtomic) preempt_disable();
  sg_mapping_iter_addr(walk) =
      static_cast<char*>(address_of(sg_mapping_iter_page(walk))) + sg_mapping_iter___offset(walk);
  return true;
}

bool skip(Walk* walk, int64_t offset) {
  stop(walk);
  while (offset) {
    if (!find_page(walk)) return false;
    int64_t step = std::min<int64_t>(offset, sg_mapping_iter___remaining(walk));
    sg_mapping_iter___offset(walk) += step;
    sg_mapping_iter___remaining(walk) -= step;
    offset -= step;
  }
  return true;
}

KAPI(sg_miter_start, Real, void, (Walk * walk, List* list, unsigned entries, unsigned flags)) {
  start(walk, list, entries, flags);
}
KAPI(sg_miter_skip, Real, bool, (Walk * walk, int64_t offset)) { return skip(walk, offset); }
KAPI(sg_miter_next, Real, bool, (Walk * walk)) { return next(walk); }
KAPI(sg_miter_stop, Real, void, (Walk * walk)) { stop(walk); }

// fn(address in the list, offset in the buffer, bytes), for `size` bytes behind `skipped`.
template <class Fn>
size_t for_bytes(List* list, unsigned entries, size_t size, int64_t skipped, Fn&& fn) {
  size_t done = 0;
  for (List* sg = list; sg && entries && done < size; sg = sg_next(sg), entries--) {
    int64_t length = scatterlist_length(sg);
    if (skipped >= length) {
      skipped -= length;
      continue;
    }
    size_t bytes = std::min<size_t>(length - skipped, size - done);
    fn(static_cast<char*>(address_of(sg_page(sg))) + scatterlist_offset(sg) + skipped, done, bytes);
    done += bytes;
    skipped = 0;
  }
  return done;
}
size_t to_list(List* list, unsigned entries, const void* buffer, size_t size, int64_t skipped) {
  return for_bytes(list, entries, size, skipped, [buffer](char* at, size_t offset, size_t bytes) {
    std::memcpy(at, static_cast<const char*>(buffer) + offset, bytes);
  });
}
size_t from_list(List* list, unsigned entries, void* buffer, size_t size, int64_t skipped) {
  return for_bytes(list, entries, size, skipped, [buffer](char* at, size_t offset, size_t bytes) {
    std::memcpy(static_cast<char*>(buffer) + offset, at, bytes);
  });
}

KAPI(sg_copy_buffer, Real, size_t,
     (List * list, unsigned entries, void* buffer, size_t size, int64_t skipped, bool to_buffer)) {
  return to_buffer ? from_list(list, entries, buffer, size, skipped)
                   : to_list(list, entries, buffer, size, skipped);
}
KAPI(sg_copy_from_buffer, Real, size_t,
     (List * list, unsigned entries, const void* buffer, size_t size)) {
  return to_list(list, entries, buffer, size, 0);
}
KAPI(sg_copy_to_buffer, Real, size_t, (List * list, unsigned entries, void* buffer, size_t size)) {
  return from_list(list, entries, buffer, size, 0);
}
KAPI(sg_pcopy_from_buffer, Real, size_t,
     (List * list, unsigned entries, const void* buffer, size_t size, int64_t skipped)) {
  return to_list(list, entries, buffer, size, skipped);
}
KAPI(sg_pcopy_to_buffer, Real, size_t,
     (List * list, unsigned entries, void* buffer, size_t size, int64_t skipped)) {
  return from_list(list, entries, buffer, size, skipped);
}
KAPI(sg_zero_buffer, Real, size_t, (List * list, unsigned entries, size_t size, int64_t skipped)) {
  return for_bytes(list, entries, size, skipped,
                   [](char* at, size_t, size_t bytes) { std::memset(at, 0, bytes); });
}

}  // namespace
}  // namespace ring3::kernel
