// SPDX-License-Identifier: GPL-2.0-only
// Pages under all their names: alloc_pages, __get_free_pages, exact sizes, bulk, fragments, and
// what is known of the memory as a whole.
#include <algorithm>
#include <bit>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/mm/struct_page.h"

namespace ring3::kernel {
namespace {

using machine::page_allocator;
using machine::ram;

struct ListHead {
  ListHead *next, *previous;
};

k::folio* folio_of(k::page* page) { return reinterpret_cast<k::folio*>(page); }
unsigned long virtual_of(k::page* page) {
  return page ? reinterpret_cast<unsigned long>(address_of(page)) : 0;
}
unsigned order_of(size_t size) {
  return static_cast<unsigned>(std::bit_width((size - 1) >> machine::kPageShift));
}
k::page* next_page(k::page* page, uint64_t n) {
  return reinterpret_cast<k::page*>(reinterpret_cast<uint64_t>(page) + n * sizeof_page());
}

KAPI(__alloc_pages, Real, k::page*, (gfp_t gfp, unsigned order, int, nodemask_pointer)) {
  return pages_allocate(gfp, order, module_caller());
}
KAPI_ALIAS(__alloc_pages_noprof, __alloc_pages);
KAPI(alloc_pages, Real, k::page*, (gfp_t gfp, unsigned order)) {
  return pages_allocate(gfp, order, module_caller());
}
KAPI_ALIAS(alloc_pages_noprof, alloc_pages);
KAPI(folio_alloc, Real, k::folio*, (gfp_t gfp, unsigned order)) {
  return folio_of(pages_allocate(gfp | kGfpCompound, order, module_caller()));
}
KAPI_ALIAS(folio_alloc_noprof, folio_alloc);
KAPI(__folio_alloc, Real, k::folio*, (gfp_t gfp, unsigned order, int, nodemask_pointer)) {
  return folio_of(pages_allocate(gfp | kGfpCompound, order, module_caller()));
}
KAPI_ALIAS(__folio_alloc_noprof, __folio_alloc);

KAPI(__get_free_pages, Real, unsigned long, (gfp_t gfp, unsigned order)) {
  return virtual_of(pages_allocate(gfp, order, module_caller()));
}
KAPI_ALIAS(get_free_pages_noprof, __get_free_pages);
KAPI(get_zeroed_page, Real, unsigned long, (gfp_t gfp)) {
  return virtual_of(pages_allocate(gfp | kGfpZero, 0, module_caller()));
}
KAPI_ALIAS(get_zeroed_page_noprof, get_zeroed_page);

KAPI(__free_pages, Real, void, (k::page * page, unsigned order)) {
  page_free(page, order, module_caller());
}
void free_at(uint64_t address, unsigned order) {
  k::page* page = page_at(reinterpret_cast<void*>(address));
  if (page) return page_free(page, order, module_caller());
  page_allocator().report(
      {.kind = machine::MemoryReport::kBadPageFree, .address = address, .caller = module_caller()});
}
KAPI(free_pages, Real, void, (unsigned long address, unsigned order)) {
  if (address) free_at(address, order);
}

// The order's pages beyond the size are given back at once; the rest are single pages.
KAPI(alloc_pages_exact, Real, void*, (size_t size, gfp_t gfp)) {
  if (!size) return nullptr;
  unsigned order = order_of(size);
  k::page* page = pages_allocate(gfp & ~unsigned{kGfpCompound}, order, module_caller());
  if (!page) return nullptr;
  uint64_t pfn = ram().pfn_of_page(reinterpret_cast<uint64_t>(page));
  uint64_t used = (size + machine::kPageBytes - 1) >> machine::kPageShift;
  page_allocator().split(pfn);
  for (uint64_t i = 0; i < (1ull << order); i++) {
    page_refcount(next_page(page, i)) = 1;
    if (i >= used) page_free(next_page(page, i), 0, module_caller());
  }
  return address_of(page);
}
KAPI_ALIAS(alloc_pages_exact_noprof, alloc_pages_exact);
KAPI(free_pages_exact, Real, void, (void* virt, size_t size)) {
  uint64_t begin = reinterpret_cast<uint64_t>(virt);
  for (uint64_t at = begin; at < begin + size; at += machine::kPageBytes) free_at(at, 0);
}
KAPI(split_page, Real, void, (k::page * page, unsigned order)) {
  page_allocator().split(ram().pfn_of_page(reinterpret_cast<uint64_t>(page)));
  for (uint64_t i = 1; i < (1ull << order); i++) page_refcount(next_page(page, i)) = 1;
}

// Fills what is empty in the array, or adds `count` pages to the list.
KAPI(__alloc_pages_bulk, Real, unsigned long,
     (gfp_t gfp, int, nodemask_pointer, int count, k::list_head* list, k::page** array)) {
  unsigned long populated = 0;
  for (int i = 0; i < count; i++) {
    if (array && array[i]) {
      populated++;
      continue;
    }
    k::page* page = pages_allocate(gfp, 0, module_caller());
    if (!page) break;
    populated++;
    if (array) {
      array[i] = page;
      continue;
    }
    auto* node = static_cast<ListHead*>(page_lru(page));
    auto* head = reinterpret_cast<ListHead*>(list);
    *node = {head->next, head};
    head->next->previous = node;
    head->next = node;
  }
  return populated;
}
KAPI_ALIAS(alloc_pages_bulk_noprof, __alloc_pages_bulk);

// The last reference is gone (put_page is inlined in modules).
KAPI(__folio_put, Real, void, (k::folio * folio)) {
  auto* page = reinterpret_cast<k::page*>(folio);
  page_refcount(page) = 1;
  page_put(page, 1, module_caller());
}
KAPI(put_pages_list, Real, void, (k::list_head * pages)) {
  auto* head = reinterpret_cast<ListHead*>(pages);
  uint64_t place = reinterpret_cast<uint64_t>(page_lru(nullptr));
  for (ListHead *at = head->next, *next; at != head; at = next) {
    next = at->next;
    page_put(reinterpret_cast<k::page*>(reinterpret_cast<uint64_t>(at) - place), 1,
             module_caller());
  }
  head->next = head->previous = head;
}

KFIELD(sysinfo, totalram, unsigned long);
KFIELD(sysinfo, freeram, unsigned long);
KFIELD(sysinfo, sharedram, unsigned long);
KFIELD(sysinfo, bufferram, unsigned long);
KFIELD(sysinfo, totalhigh, unsigned long);
KFIELD(sysinfo, freehigh, unsigned long);
KFIELD(sysinfo, mem_unit, unsigned);

KAPI(si_meminfo, Real, void, (k::sysinfo * info)) {
  sysinfo_totalram(info) = page_allocator().total_pages();
  sysinfo_freeram(info) = page_allocator().free_pages();
  sysinfo_sharedram(info) = sysinfo_bufferram(info) = 0;
  sysinfo_totalhigh(info) = sysinfo_freehigh(info) = 0;
  sysinfo_mem_unit(info) = machine::kPageBytes;
}
KAPI(nr_free_buffer_pages, Real, unsigned long, ()) { return page_allocator().total_pages(); }

}  // namespace
}  // namespace ring3::kernel
