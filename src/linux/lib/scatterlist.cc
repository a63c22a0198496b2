// SPDX-License-Identifier: GPL-2.0-only
// lib/scatterlist.c: making tables of scatterlists, in pages that are chained, and finding the way
// in them. Walking and copying is in scatterlist_walk.cc.
#include "linux/include/scatterlist.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <climits>
#include <cstring>

#include "kapi/kapi.h"

namespace ring3::k {
struct sg_table;
struct sg_append_table;
}  // namespace ring3::k

namespace ring3::kernel {

KSIZE(sg_table);
KFIELD(sg_table, sgl, k::scatterlist*);
KFIELD(sg_table, nents, unsigned);
KFIELD(sg_table, orig_nents, unsigned);
KFIELD(sg_append_table, prv, k::scatterlist*);
KFIELD(sg_append_table, total_nents, unsigned);

namespace {

using List = k::scatterlist;
using Table = k::sg_table;
using Allocate = List*(unsigned, unsigned);
using Free = void(List*, unsigned);

unsigned chunk_size() { return machine::kPageBytes / sizeof_scatterlist(); }  // SG_MAX_SINGLE_ALLOC

void init_table(List* list, unsigned count) {
  std::memset(static_cast<void*>(list), 0, sizeof_scatterlist() * count);
  sg_mark_end(sg_at(list, count - 1));
}
// The last entry of a chunk becomes the way to the next.
void chain(List* list, unsigned entries, const List* next) {
  List* link = sg_at(list, entries - 1);
  scatterlist_offset(link) = scatterlist_length(link) = 0;
  scatterlist_page_link(link) = (reinterpret_cast<unsigned long>(next) | kSgChain) & ~kSgEnd;
}

List* allocate_chunk(unsigned entries, unsigned gfp) {
  if (entries == chunk_size()) {
    k::page* page = pages_allocate(gfp & ~unsigned{kGfpZero}, 0, module_caller());
    return page ? static_cast<List*>(address_of(page)) : nullptr;
  }
  return static_cast<List*>(kernel_allocate(entries * sizeof_scatterlist(), gfp));
}
void free_chunk(List* list, unsigned entries) {
  if (entries == chunk_size())
    page_free(page_at(list), 0, module_caller());
  else
    kernel_free(list);
}

void free_table(Table* table, unsigned most, unsigned first_most, Free* release, unsigned count) {
  List* list = sg_table_sgl(table);
  if (!list) return;
  unsigned room = first_most ? first_most : most;
  while (count) {
    unsigned entries = std::min(count, room);
    List* next = nullptr;
    unsigned used = entries;
    if (count > room) {
      next = sg_chained(sg_at(list, room - 1));
      used = entries - 1;  // one of them is the link
    }
    count -= used;
    if (first_most)
      first_most = 0;  // the caller's own
    else
      release(list, entries);
    list = next;
    room = most;
  }
  sg_table_sgl(table) = nullptr;
}

int allocate_table(Table* table, unsigned count, unsigned most, List* first, unsigned first_most,
                   unsigned gfp, Allocate* allocate) {
  std::memset(static_cast<void*>(table), 0, sizeof_sg_table());
  if (!count) return -EINVAL;
  unsigned left = count, room = first_most ? first_most : most;
  List* previous = nullptr;
  unsigned previous_entries = 0;
  while (left) {
    unsigned entries = std::min(left, room);
    unsigned used = left > room ? entries - 1 : entries;
    List* list = first ? first : allocate(entries, gfp);
    first = nullptr;
    if (!list) {
      // What there is so far can be freed.
      if (previous) sg_table_nents(table) = ++sg_table_orig_nents(table);
      return -ENOMEM;
    }
    left -= used;
    init_table(list, entries);
    sg_table_nents(table) = sg_table_orig_nents(table) += used;
    if (previous)
      chain(previous, previous_entries, list);
    else
      sg_table_sgl(table) = list;
    if (!left) sg_mark_end(sg_at(list, used - 1));
    previous = list;
    previous_entries = entries;
    room = most;
  }
  return 0;
}

KAPI(sg_next, Real, List*, (List * sg)) { return sg_next(sg); }
KAPI(sg_nents, Real, int, (List * sg)) {
  int count = 0;
  for (; sg; sg = sg_next(sg)) count++;
  return count;
}
KAPI(sg_nents_for_len, Real, int, (List * sg, uint64_t length)) {
  if (!length) return 0;
  uint64_t total = 0;
  for (int count = 1; sg; sg = sg_next(sg), count++)
    if ((total += scatterlist_length(sg)) >= length) return count;
  return -EINVAL;
}
KAPI(sg_last, Real, List*, (List * list, unsigned count)) {
  List* last = nullptr;
  for (; list && count; list = sg_next(list), count--) last = list;
  return last;
}
KAPI(sg_init_table, Real, void, (List * list, unsigned count)) { init_table(list, count); }
KAPI(sg_init_one, Real, void, (List * sg, const void* buffer, unsigned length)) {
  init_table(sg, 1);
  sg_set_buffer(sg, buffer, length);
}

KAPI(__sg_free_table, Real, void,
     (Table * table, unsigned most, unsigned first_most, Free* release, unsigned count)) {
  free_table(table, most, first_most, release, count);
}
KAPI(sg_free_table, Real, void, (Table * table)) {
  free_table(table, chunk_size(), 0, &free_chunk, sg_table_orig_nents(table));
}
KAPI(sg_free_append_table, Real, void, (k::sg_append_table * table)) {
  free_table(reinterpret_cast<Table*>(table), chunk_size(), 0, &free_chunk,
             sg_append_table_total_nents(table));
}
KAPI(__sg_alloc_table, Real, int,
     (Table * table, unsigned count, unsigned most, List* first, unsigned first_most, unsigned gfp,
      Allocate* allocate)) {
  return allocate_table(table, count, most, first, first_most, gfp, allocate);
}
KAPI(sg_alloc_table, Real, int, (Table * table, unsigned count, unsigned gfp)) {
  int error = allocate_table(table, count, chunk_size(), nullptr, 0, gfp, &allocate_chunk);
  if (error) kapi_body_sg_free_table(table);
  return error;
}

uint64_t frame_of(const k::page* page) {
  return machine::ram().pfn_of(reinterpret_cast<uint64_t>(address_of(page)));
}

// Neighbouring pages become one entry, up to max_segment.
int append_pages(Table* table, k::page** pages, unsigned count, unsigned offset, uint64_t size,
                 unsigned max_segment, unsigned gfp) {
  max_segment &= ~4095u;
  if (!max_segment) return -EINVAL;
  unsigned segments = 1;
  auto ends = [&](unsigned i, unsigned length) {  // does page i begin a new entry?
    return length >= max_segment || frame_of(pages[i]) != frame_of(pages[i - 1]) + 1;
  };
  unsigned length = 0;
  for (unsigned i = 1; i < count; i++) {
    length += machine::kPageBytes;
    if (!ends(i, length)) continue;
    segments++;
    length = 0;
  }
  int error = allocate_table(table, segments, chunk_size(), nullptr, 0, gfp, &allocate_chunk);
  if (error) return error;
  List* sg = sg_table_sgl(table);
  for (unsigned first = 0; first < count;) {
    unsigned behind = first + 1;
    length = machine::kPageBytes;
    while (behind < count && !ends(behind, length)) {
      length += machine::kPageBytes;
      behind++;
    }
    uint64_t room = (uint64_t{behind - first} << machine::kPageShift) - offset;
    sg_set_page(sg, pages[first], std::min(size, room), offset);
    size -= std::min(size, room);
    offset = 0;
    first = behind;
    sg = sg_next(sg);
  }
  return 0;
}

KAPI(sg_alloc_table_from_pages_segment, Real, int,
     (Table * table, k::page** pages, unsigned count, unsigned offset, unsigned long size,
      unsigned max_segment, unsigned gfp)) {
  int error = append_pages(table, pages, count, offset, size, max_segment, gfp);
  if (error) kapi_body_sg_free_table(table);
  return error;
}
KAPI(sg_alloc_append_table_from_pages, Partial("only makes a new table, adds to none"), int,
     (k::sg_append_table * table, k::page** pages, unsigned count, unsigned offset,
      unsigned long size, unsigned max_segment, unsigned, unsigned gfp)) {
  if (sg_append_table_prv(table)) return -EOPNOTSUPP;
  Table* inner = reinterpret_cast<Table*>(table);
  int error = append_pages(inner, pages, count, offset, size, max_segment, gfp);
  sg_append_table_total_nents(table) = sg_table_orig_nents(inner);
  if (!error) sg_append_table_prv(table) = kapi_body_sg_last(sg_table_sgl(inner), UINT_MAX);
  return error;
}

// Lists with memory of their own.
void free_with_pages(List* list, int count, unsigned order) {
  int done = 0;
  for (List* sg = list; sg && done < count; sg = sg_next(sg), done++)
    if (k::page* page = sg_page(sg)) page_free(page, order, module_caller());
  kernel_free(list);
}
List* allocate_with_pages(uint64_t length, unsigned order, bool chainable, unsigned gfp,
                          unsigned* entries) {
  const uint64_t piece = machine::kPageBytes << order;
  uint64_t count = (length + piece - 1) / piece;
  if (length > (uint64_t{UINT_MAX} << (machine::kPageShift + order))) return nullptr;
  uint64_t all = count + chainable;
  List* list =
      static_cast<List*>(kernel_allocate(all * sizeof_scatterlist(), gfp & ~unsigned{kGfpDma}));
  if (!list) return nullptr;
  init_table(list, all);
  for (uint64_t i = 0; i < count; i++) {
    unsigned bytes = std::min(length, piece);
    k::page* page = pages_allocate(gfp, order, module_caller());
    if (!page) {
      free_with_pages(list, INT_MAX, order);
      return nullptr;
    }
    sg_set_page(sg_at(list, i), page, bytes, 0);
    length -= bytes;
  }
  if (entries) *entries = count;
  return list;
}
KAPI(sgl_alloc_order, Real, List*,
     (unsigned long long length, unsigned order, bool chainable, unsigned gfp, unsigned* entries)) {
  return allocate_with_pages(length, order, chainable, gfp, entries);
}
KAPI(sgl_alloc, Real, List*, (unsigned long long length, unsigned gfp, unsigned* entries)) {
  return allocate_with_pages(length, 0, false, gfp, entries);
}
KAPI(sgl_free_n_order, Real, void, (List * list, int count, int order)) {
  free_with_pages(list, count, order);
}
KAPI(sgl_free_order, Real, void, (List * list, int order)) {
  free_with_pages(list, INT_MAX, order);
}
KAPI(sgl_free, Real, void, (List * list)) { free_with_pages(list, INT_MAX, 0); }

}  // namespace
}  // namespace ring3::kernel
