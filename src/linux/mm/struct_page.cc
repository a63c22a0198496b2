// SPDX-License-Identifier: GPL-2.0-only
// struct page follows the page allocator: reference counts, compound pages, what marks a slab. The
// allocator itself trusts none of it; module code writes here inline (get_page, put_page,
// SetPageReserved).
#include "linux/mm/struct_page.h"

#include <atomic>

#include "linux/include/printk.h"
#include "target/target.h"

namespace ring3::kernel {

using machine::page_allocator;
using machine::PageUse;
using machine::ram;

namespace {

std::atomic_ref<int> references(const k::page* page) {
  return std::atomic_ref(page_refcount(page));
}

k::page* page_number(uint64_t pfn) { return reinterpret_cast<k::page*>(ram().page_of(pfn)); }
uint64_t pfn_of(const k::page* page) { return ram().pfn_of_page(reinterpret_cast<uint64_t>(page)); }

void clear_struct_page(k::page* page) {
  page_flags(page) = 0;
  page_compound_head(page) = 0;
  page_mapping(page) = nullptr;
  page_private_data(page) = 0;
  page_mapcount(page) = -1;
  page_refcount(page) = 0;
}

void on_allocated(uint64_t pfn, unsigned order, PageUse use) {
  uint64_t count = 1ull << order;
  for (uint64_t i = 0; i < count; i++) {
    clear_struct_page(page_number(pfn + i));
    if (use == PageUse::kVmalloc) page_refcount(page_number(pfn + i)) = 1;
  }
  k::page* head = page_number(pfn);
  page_refcount(head) = 1;
  if (use != PageUse::kHeap) return;
  if (order) make_compound(head, order);
  // A large object is a compound page only; what is up to two pages is a slab's in Linux.
  if (order > 1 && !mm_facts().slab_type && !mm_facts().slab_flag) return;
  page_flags(head) |= mm_facts().slab_flag;
  if (mm_facts().slab_type) page_mapcount(head) = static_cast<int>(mm_facts().slab_type);
}

void on_freed(uint64_t pfn, unsigned order) {
  for (uint64_t i = 0; i < (1ull << order); i++) clear_struct_page(page_number(pfn + i));
}

bool on_drop(uint64_t pfn) { return references(page_number(pfn)).fetch_sub(1) == 1; }

bool is_ours(const k::page* page, uint64_t caller) {
  if (ram().is_page(reinterpret_cast<uint64_t>(page))) return true;
  page_allocator().report({.kind = machine::MemoryReport::kBadPageFree,
                           .address = reinterpret_cast<uint64_t>(page),
                           .caller = caller});
  return false;
}

}  // namespace

machine::PageHooks page_hooks() {
  return {.allocated = on_allocated, .freed = on_freed, .drop = on_drop};
}

void make_compound(k::page* page, unsigned order) {
  uint64_t pfn = pfn_of(page);
  page_flags(page) |= mm_facts().head_flag;
  for (uint64_t i = 1; i < (1ull << order); i++)
    page_compound_head(page_number(pfn + i)) = reinterpret_cast<uint64_t>(page) | 1;
  k::page* second = page_number(pfn + 1);
  if (has_page_compound_order()) page_compound_order(second) = static_cast<unsigned char>(order);
  if (has_page_compound_nr()) page_compound_nr(second) = 1u << order;
  // The folio's members lie in the second struct page, by offsets from the first.
  if (has_folio__flags_1()) folio__flags_1(page) |= order;
  if (has_folio__folio_nr_pages()) folio__folio_nr_pages(page) = 1u << order;
}

k::page* head_of(const k::page* page) {
  uint64_t head = page_compound_head(page);
  return head & 1 ? reinterpret_cast<k::page*>(head - 1) : const_cast<k::page*>(page);
}

k::page* page_at(const void* address) {
  uint64_t at = reinterpret_cast<uint64_t>(address);
  return ram().contains(at) ? page_number(ram().pfn_of(at)) : nullptr;
}

void* address_of(const k::page* page) {
  return reinterpret_cast<void*>(ram().address_of(pfn_of(page)));
}

k::page* pages_allocate(gfp_t gfp, unsigned order, uint64_t owner) {
  if (order > machine::kMaxOrder) {
    if (!(gfp & kGfpNoWarn))
      kernel_warning("page allocation of order %u: the largest is %u\n", order, machine::kMaxOrder);
    return nullptr;
  }
  if (!(gfp & kGfpNoFail) && page_allocator().fail_point().should_fail(owner)) return nullptr;
  uint64_t pfn = page_allocator().allocate({.order = order,
                                            .zero = wants_zero(gfp),
                                            .dma = (gfp & kGfpDma) != 0,
                                            .use = PageUse::kPages,
                                            .owner = owner});
  if (pfn == machine::kNoPage) {
    if (!(gfp & kGfpNoWarn))
      kernel_print(KERN_WARNING "page allocation failure: order:%u, mode:%#x\n", order, gfp);
    return nullptr;
  }
  k::page* page = page_number(pfn);
  if (order && (gfp & kGfpCompound)) make_compound(page, order);
  return page;
}

bool page_put(k::page* page, int count, uint64_t caller) {
  if (!is_ours(page, caller)) return false;
  page = head_of(page);
  if (references(page).fetch_sub(count) != count) return false;
  machine::PageAllocator::Block block;
  unsigned order = page_allocator().find(pfn_of(page), block) ? block.order : 0;
  return page_allocator().free(pfn_of(page), order, caller);
}

// As Linux: the caller's reference to the first page. When somebody else still holds that one, the
// rest of a block that is not compound goes now, and the first page with its last reference.
void page_free(k::page* page, unsigned order, uint64_t caller) {
  if (!is_ours(page, caller)) return;
  bool head = (page_flags(page) & mm_facts().head_flag) != 0;
  uint64_t pfn = pfn_of(page);
  if (references(page).load() <= 0) {  // freed already: let the allocator say so
    page_allocator().free(pfn, order, caller);
    return;
  }
  if (references(page).fetch_sub(1) == 1) {
    page_allocator().free(pfn, order, caller);
  } else if (!head && order && page_allocator().split(pfn)) {
    for (uint64_t i = 1; i < (1ull << order); i++) page_allocator().free(pfn + i, 0, caller);
  }
}

}  // namespace ring3::kernel
