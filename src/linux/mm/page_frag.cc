// SPDX-License-Identifier: GPL-2.0-only
// Page fragments, as network drivers use them: pieces cut from the end of a block, each holding a
// reference to it. The cache struct is the caller's and its layout the target's; the count of
// references is taken for all pieces at once and settled when the block is used up (pagecnt_bias).
#include "kapi/kapi.h"
#include "linux/mm/struct_page.h"

namespace ring3::kernel {
namespace {

constexpr unsigned kFragOrder = 3;
constexpr unsigned kFragSize = machine::kPageBytes << kFragOrder;  // PAGE_FRAG_CACHE_MAX_SIZE

KFIELD_MAYBE(page_frag_cache, va, void*);
KFIELD_MAYBE(page_frag_cache, offset, uint16_t);
KFIELD_MAYBE(page_frag_cache, size, uint16_t);
KFIELD_MAYBE(page_frag_cache, pagecnt_bias, unsigned);

std::atomic_ref<int> references(k::page* page) { return std::atomic_ref(page_refcount(page)); }

void refill(k::page_frag_cache* cache, gfp_t gfp, uint64_t owner) {
  k::page* page = pages_allocate(gfp | kGfpCompound | kGfpNoWarn, kFragOrder, owner);
  unsigned size = kFragSize;
  if (!page) {
    page = pages_allocate(gfp, 0, owner);
    size = machine::kPageBytes;
  }
  page_frag_cache_va(cache) = page ? address_of(page) : nullptr;
  if (!page) return;
  references(page).fetch_add(static_cast<int>(kFragSize));
  page_frag_cache_pagecnt_bias(cache) = kFragSize + 1;
  page_frag_cache_size(cache) = static_cast<uint16_t>(size);
  page_frag_cache_offset(cache) = static_cast<uint16_t>(size);
}

void* cut(k::page_frag_cache* cache, unsigned size, gfp_t gfp, unsigned align_mask) {
  uint64_t owner = module_caller();
  for (int tries = 0; tries < 2; tries++) {
    if (!page_frag_cache_va(cache)) refill(cache, gfp, owner);
    if (!page_frag_cache_va(cache)) return nullptr;
    int offset = page_frag_cache_offset(cache) - static_cast<int>(size);
    if (offset < 0) {
      unsigned whole = page_frag_cache_size(cache);
      k::page* page = head_of(page_at(page_frag_cache_va(cache)));
      int bias = static_cast<int>(page_frag_cache_pagecnt_bias(cache));
      if (references(page).fetch_sub(bias) != bias) {
        page_frag_cache_va(cache) = nullptr;  // its pieces are in use; they free it
        continue;
      }
      // All pieces have come back: the same block once more.
      references(page).store(static_cast<int>(kFragSize) + 1);
      page_frag_cache_pagecnt_bias(cache) = kFragSize + 1;
      offset = static_cast<int>(whole) - static_cast<int>(size);
      if (offset < 0) {  // larger than the block that memory shortage left us with
        page_frag_cache_offset(cache) = static_cast<uint16_t>(whole);
        return nullptr;
      }
    }
    page_frag_cache_pagecnt_bias(cache)--;
    offset &= static_cast<int>(align_mask);
    page_frag_cache_offset(cache) = static_cast<uint16_t>(offset);
    return static_cast<char*>(page_frag_cache_va(cache)) + offset;
  }
  return nullptr;
}

KAPI(page_frag_alloc_align, Real, void*,
     (k::page_frag_cache * cache, unsigned size, gfp_t gfp, unsigned align_mask)) {
  return cut(cache, size, gfp, align_mask);
}
KAPI_ALIAS(__page_frag_alloc_align, page_frag_alloc_align);
KAPI(page_frag_free, Real, void, (void* address)) {
  if (k::page* page = page_at(address)) page_put(page, 1, module_caller());
}
KAPI(__page_frag_cache_drain, Real, void, (k::page * page, unsigned count)) {
  page_put(page, static_cast<int>(count), module_caller());
}
KAPI(page_frag_cache_drain, Real, void, (k::page_frag_cache * cache)) {
  if (!page_frag_cache_va(cache)) return;
  k::page* page = page_at(page_frag_cache_va(cache));
  page_put(page, static_cast<int>(page_frag_cache_pagecnt_bias(cache)), module_caller());
  page_frag_cache_va(cache) = nullptr;
}

}  // namespace
}  // namespace ring3::kernel
