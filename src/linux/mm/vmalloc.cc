// SPDX-License-Identifier: GPL-2.0-only
// vmalloc() and vmap() under all their names. remap_vmalloc_range() stands with the user mappings
// it makes.
#include "linux/mm/mm.h"

#include "kapi/kapi.h"
#include "link/module_space.h"
#include "linux/include/printk.h"

namespace ring3::kernel {

using machine::ram;
using machine::vmalloc_space;

void* vmalloc_allocate(uint64_t size, gfp_t gfp, uint64_t owner, bool user) {
  if (!size) {
    kernel_warning("vmalloc of no bytes\n");
    return nullptr;
  }
  if ((size >> machine::kPageShift) > machine::page_allocator().total_pages()) {
    if (!(gfp & kGfpNoWarn))
      kernel_print(KERN_WARNING "vmalloc error: size %lu, exceeds total pages\n", size);
    return nullptr;
  }
  uint64_t address = vmalloc_space().allocate({.size = size,
                                               .zero = user || wants_zero(gfp),
                                               .dma = (gfp & kGfpDma) != 0,
                                               .may_fail = !(gfp & kGfpNoFail),
                                               .user = user,
                                               .owner = owner});
  if (!address && !(gfp & kGfpNoWarn))
    kernel_print(KERN_WARNING "vmalloc error: size %lu, page order 0, failed to allocate pages\n",
                 size);
  return reinterpret_cast<void*>(address);
}

void vmalloc_free(const void* address, uint64_t caller) {
  if (!address) return;
  uint64_t at = reinterpret_cast<uint64_t>(address);
  if (at % machine::kPageBytes)
    kernel_warning("Trying to vfree() bad address (%px)\n", address);
  else if (!vmalloc_space().size_at(at))
    kernel_warning("Trying to vfree() nonexistent vm area (%px)\n", address);
  else
    vmalloc_space().free(at, caller);
}

namespace {

void* plain(uint64_t size) { return vmalloc_allocate(size, kGfpKernel, module_caller()); }
void* zeroed(uint64_t size) {
  return vmalloc_allocate(size, kGfpKernel | kGfpZero, module_caller());
}
void* for_user(uint64_t size) { return vmalloc_allocate(size, kGfpKernel, module_caller(), true); }
void* array(size_t n, size_t size, gfp_t gfp) {
  uint64_t bytes;
  if (__builtin_mul_overflow(n, size, &bytes)) return nullptr;
  return vmalloc_allocate(bytes, gfp, module_caller());
}

KAPI(vmalloc, Real, void*, (unsigned long size)) { return plain(size); }
KAPI_ALIAS(vmalloc_noprof, vmalloc);
KAPI(vzalloc, Real, void*, (unsigned long size)) { return zeroed(size); }
KAPI_ALIAS(vzalloc_noprof, vzalloc);
KAPI(vmalloc_user, Real, void*, (unsigned long size)) { return for_user(size); }
KAPI_ALIAS(vmalloc_user_noprof, vmalloc_user);
// All RAM lies below 4 GiB.
KAPI(vmalloc_32, Real, void*, (unsigned long size)) { return plain(size); }
KAPI_ALIAS(vmalloc_32_noprof, vmalloc_32);
KAPI(vmalloc_32_user, Real, void*, (unsigned long size)) { return for_user(size); }
KAPI_ALIAS(vmalloc_32_user_noprof, vmalloc_32_user);
KAPI(vmalloc_node, Real, void*, (unsigned long size, int)) { return plain(size); }
KAPI_ALIAS(vmalloc_node_noprof, vmalloc_node);
KAPI(vzalloc_node, Real, void*, (unsigned long size, int)) { return zeroed(size); }
KAPI_ALIAS(vzalloc_node_noprof, vzalloc_node);
KAPI(__vmalloc, Real, void*, (unsigned long size, gfp_t gfp)) {
  return vmalloc_allocate(size, gfp, module_caller());
}
KAPI_ALIAS(__vmalloc_noprof, __vmalloc);
KAPI(vmalloc_huge, Real, void*, (unsigned long size, gfp_t gfp)) {
  return vmalloc_allocate(size, gfp, module_caller());
}
KAPI_ALIAS(vmalloc_huge_noprof, vmalloc_huge);
KAPI(vmalloc_array, Real, void*, (size_t n, size_t size)) { return array(n, size, kGfpKernel); }
KAPI_ALIAS(vmalloc_array_noprof, vmalloc_array);
KAPI(__vmalloc_array, Real, void*, (size_t n, size_t size, gfp_t gfp)) {
  return array(n, size, gfp);
}
KAPI_ALIAS(__vmalloc_array_noprof, __vmalloc_array);
KAPI(vcalloc, Real, void*, (size_t n, size_t size)) {
  return array(n, size, kGfpKernel | kGfpZero);
}
KAPI_ALIAS(vcalloc_noprof, vcalloc);
KAPI(__vcalloc, Real, void*, (size_t n, size_t size, gfp_t gfp)) {
  return array(n, size, gfp | kGfpZero);
}
KAPI_ALIAS(__vcalloc_noprof, __vcalloc);

KAPI(vfree, Real, void, (const void* address)) { vmalloc_free(address, module_caller()); }

KAPI(is_vmalloc_addr, Real, bool, (const void* x)) {
  return vmalloc_space().contains(reinterpret_cast<uint64_t>(x));
}
KAPI(is_vmalloc_or_module_addr, Real, int, (const void* x)) {
  uint64_t address = reinterpret_cast<uint64_t>(x);
  return vmalloc_space().contains(address) || link::ModuleSpace::contains(address);
}
KAPI(vmalloc_to_page, Partial("knows no page behind module space"), k::page*,
     (const void* address)) {
  uint64_t pfn = vmalloc_space().pfn_at(reinterpret_cast<uint64_t>(address));
  return pfn == machine::kNoPage ? nullptr : reinterpret_cast<k::page*>(ram().page_of(pfn));
}
KAPI(vmalloc_to_pfn, Partial("knows no page behind module space"), unsigned long,
     (const void* address)) {
  uint64_t pfn = vmalloc_space().pfn_at(reinterpret_cast<uint64_t>(address));
  return pfn == machine::kNoPage ? 0 : pfn;
}

void* map_pages(k::page** pages, unsigned count, bool owns) {
  if (count > machine::page_allocator().total_pages()) return nullptr;
  std::vector<uint64_t> pfns;
  for (unsigned i = 0; i < count; i++) {
    uint64_t page = reinterpret_cast<uint64_t>(pages[i]);
    if (!ram().is_page(page)) {
      kernel_warning("vmap: %px is no struct page\n", pages[i]);
      return nullptr;
    }
    pfns.push_back(ram().pfn_of_page(page));
  }
  return reinterpret_cast<void*>(vmalloc_space().map(pfns, owns, module_caller()));
}

// pgprot_t is one word in an unnamed struct's place.
struct pgprot {
  unsigned long value;
};
constexpr unsigned long kMapPutPages = 0x200;  // VM_MAP_PUT_PAGES

KAPI(vmap, Partial("maps readable and writable whatever the protection asked for"), void*,
     (k::page * *pages, unsigned count, unsigned long flags, pgprot)) {
  return map_pages(pages, count, (flags & kMapPutPages) != 0);
}
KAPI(vunmap, Real, void, (const void* address)) { vmalloc_free(address, module_caller()); }
KAPI(vm_map_ram, Real, void*, (k::page * *pages, unsigned count, int)) {
  return map_pages(pages, count, false);
}
KAPI(vm_unmap_ram, Real, void, (const void* address, unsigned)) {
  vmalloc_free(address, module_caller());
}

}  // namespace
}  // namespace ring3::kernel
