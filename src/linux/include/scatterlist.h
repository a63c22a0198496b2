// SPDX-License-Identifier: GPL-2.0-only
// Scatterlists: arrays of struct scatterlist, each a piece of memory by its page. Bit 1 of
// page_link marks the last entry; bit 0 an entry that is a pointer to where the list goes on.
#pragma once

#include "kapi/field.h"
#include "linux/mm/mm.h"

namespace ring3::k {
struct scatterlist;
}

namespace ring3::kernel {

KSIZE(scatterlist);
KFIELD(scatterlist, page_link, unsigned long);
KFIELD(scatterlist, offset, unsigned);
KFIELD(scatterlist, length, unsigned);
KFIELD(scatterlist, dma_address, uint64_t);
KFIELD_MAYBE(scatterlist, dma_length, unsigned);

inline constexpr unsigned long kSgChain = 1, kSgEnd = 2;

inline k::scatterlist* sg_at(const k::scatterlist* list, int64_t index) {
  return reinterpret_cast<k::scatterlist*>(reinterpret_cast<uint64_t>(list) +
                                           index * static_cast<int64_t>(sizeof_scatterlist()));
}
inline bool sg_is_last(const k::scatterlist* sg) { return scatterlist_page_link(sg) & kSgEnd; }
inline bool sg_is_chain(const k::scatterlist* sg) { return scatterlist_page_link(sg) & kSgChain; }
inline k::scatterlist* sg_chained(const k::scatterlist* sg) {
  return reinterpret_cast<k::scatterlist*>(scatterlist_page_link(sg) & ~3ul);
}
inline k::page* sg_page(const k::scatterlist* sg) {
  return reinterpret_cast<k::page*>(scatterlist_page_link(sg) & ~3ul);
}
inline void sg_set_page(k::scatterlist* sg, const k::page* page, unsigned length, unsigned offset) {
  scatterlist_page_link(sg) =
      (scatterlist_page_link(sg) & 3) | reinterpret_cast<unsigned long>(page);
  scatterlist_offset(sg) = offset;
  scatterlist_length(sg) = length;
}
inline void sg_set_buffer(k::scatterlist* sg, const void* buffer, unsigned length) {
  sg_set_page(sg, page_at(buffer), length, reinterpret_cast<uint64_t>(buffer) & 4095);
}
inline void sg_mark_end(k::scatterlist* sg) {
  scatterlist_page_link(sg) = (scatterlist_page_link(sg) | kSgEnd) & ~kSgChain;
}
inline unsigned& sg_dma_length(const k::scatterlist* sg) {
  return has_scatterlist_dma_length() ? scatterlist_dma_length(sg) : scatterlist_length(sg);
}
// The entry after this one; null behind the last.
inline k::scatterlist* sg_next(const k::scatterlist* sg) {
  if (sg_is_last(sg)) return nullptr;
  k::scatterlist* next = sg_at(sg, 1);
  return sg_is_chain(next) ? sg_chained(next) : next;
}

}  // namespace ring3::kernel
