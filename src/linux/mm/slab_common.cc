// SPDX-License-Identifier: GPL-2.0-only
// kmalloc() and kfree() under all their names. kmalloc_caches is read inline by modules
// (kmalloc_caches[type][index]); its rows for reclaimable and accounted memory hold the ordinary
// caches, since nothing is reclaimed or accounted here.
#include "linux/mm/mm.h"

#include <algorithm>
#include <cstring>

#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "link/module_space.h"
#include "linux/include/printk.h"
#include "machine/interrupts.h"
#include "machine/machine.h"

namespace ring3::kernel {

using machine::Cache;
using machine::heap;

uint64_t module_caller() {
  // Booting, and tests that need no machine, run on threads whose %gs means nothing.
  if (machine::Machine::instance() && !machine::on_cpu_thread()) return 0;
  const kapi::CallRecord* record = machine::has_memory() ? kapi::gs_calls() : nullptr;
  uint64_t innermost = record ? record->return_address() : 0;
  // A KAPI function that runtime code called by pointer (mempool_kmalloc) is not the caller.
  for (; record; record = record->outer)
    if (link::ModuleSpace::contains(record->return_address())) return record->return_address();
  return innermost;
}

void* slab_allocate(size_t size, gfp_t gfp, uint64_t owner) {
  if (!size) return zero_size_pointer();
  return heap().allocate({.size = size,
                          .zero = wants_zero(gfp),
                          .dma = (gfp & kGfpDma) != 0,
                          .may_fail = !(gfp & kGfpNoFail),
                          .owner = owner});
}

void slab_free(const void* object, uint64_t caller) {
  if (!is_zero_or_null(object)) heap().free(object, caller);
}

void* kernel_allocate(size_t size, unsigned gfp) {
  return kernel_allocate_for(module_caller(), size, gfp);
}
void* kernel_allocate_for(uint64_t owner, size_t size, unsigned gfp) {
  return machine::has_memory() ? slab_allocate(size, gfp, owner) : nullptr;
}
void kernel_free(const void* object) {
  if (machine::has_memory()) slab_free(object, module_caller());
}

namespace {

using Buckets = k::kmem_cache* (*)[machine::kSizeClasses];

void* from_cache(k::kmem_cache* cache, gfp_t gfp, size_t size) {
  // A static kmalloc() reads kmalloc_caches itself, so this is a cache of ours or null.
  if (is_zero_or_null(cache)) return cache;
  return heap().allocate(*reinterpret_cast<Cache*>(cache), {.size = size,
                                                            .zero = wants_zero(gfp),
                                                            .may_fail = !(gfp & kGfpNoFail),
                                                            .owner = module_caller()});
}

void* reallocate(const void* object, size_t size, gfp_t gfp) {
  if (!size) {
    slab_free(object, module_caller());
    return zero_size_pointer();
  }
  size_t room = 0;
  if (!is_zero_or_null(object)) {
    room = heap().room(object);
    if (room >= size && heap().resize(object, size)) return const_cast<void*>(object);
  }
  void* fresh = slab_allocate(size, gfp, module_caller());
  if (fresh && room) {
    std::memcpy(fresh, object, std::min(room, size));
    slab_free(object, module_caller());
  }
  return fresh;
}

KAPI(__kmalloc, Real, void*, (size_t size, gfp_t flags)) {
  return slab_allocate(size, flags, module_caller());
}
KAPI(__kmalloc_node, Real, void*, (size_t size, gfp_t flags, int)) {
  return slab_allocate(size, flags, module_caller());
}
KAPI(__kmalloc_node_track_caller, Real, void*,
     (size_t size, gfp_t flags, int, unsigned long caller)) {
  return slab_allocate(size, flags, caller);
}
KAPI(kmalloc_trace, Real, void*, (k::kmem_cache * cache, gfp_t flags, size_t size)) {
  return from_cache(cache, flags, size);
}
KAPI(kmalloc_node_trace, Real, void*, (k::kmem_cache * cache, gfp_t flags, int, size_t size)) {
  return from_cache(cache, flags, size);
}
KAPI(kmalloc_large, Real, void*, (size_t size, gfp_t flags)) {
  return slab_allocate(size, flags, module_caller());
}
KAPI(kmalloc_large_node, Real, void*, (size_t size, gfp_t flags, int)) {
  return slab_allocate(size, flags, module_caller());
}

KAPI(__kmalloc_noprof, Real, void*, (size_t size, gfp_t flags)) {
  return slab_allocate(size, flags, module_caller());
}
KAPI(__kmalloc_node_noprof, Real, void*, (size_t size, Buckets, gfp_t flags, int)) {
  return slab_allocate(size, flags, module_caller());
}
KAPI(__kmalloc_node_track_caller_noprof, Real, void*,
     (size_t size, Buckets, gfp_t flags, int, unsigned long caller)) {
  return slab_allocate(size, flags, caller);
}
KAPI(__kmalloc_cache_noprof, Real, void*, (k::kmem_cache * cache, gfp_t flags, size_t size)) {
  return from_cache(cache, flags, size);
}
KAPI(__kmalloc_cache_node_noprof, Real, void*,
     (k::kmem_cache * cache, gfp_t flags, int, size_t size)) {
  return from_cache(cache, flags, size);
}
KAPI(__kmalloc_large_noprof, Real, void*, (size_t size, gfp_t flags)) {
  return slab_allocate(size, flags, module_caller());
}
KAPI(__kmalloc_large_node_noprof, Real, void*, (size_t size, gfp_t flags, int)) {
  return slab_allocate(size, flags, module_caller());
}

KAPI(kfree, Real, void, (const void* object)) { slab_free(object, module_caller()); }
KAPI(kfree_sensitive, Real, void, (const void* object)) {
  if (is_zero_or_null(object)) return;
  if (size_t room = heap().room(object)) std::memset(const_cast<void*>(object), 0, room);
  slab_free(object, module_caller());
}
KAPI(ksize, Real, size_t, (const void* object)) {
  return is_zero_or_null(object) ? 0 : heap().room(object);
}
KAPI(kmalloc_size_roundup, Real, size_t, (size_t size)) { return machine::round_up_to_class(size); }
KAPI(krealloc, Real, void*, (const void* object, size_t size, gfp_t flags)) {
  return reallocate(object, size, flags);
}
KAPI(krealloc_noprof, Real, void*, (const void* object, size_t size, gfp_t flags)) {
  return reallocate(object, size, flags);
}

// More rows than any target has; the target's own number of them is filled in.
constexpr uint64_t kMostTypes = 32;
KDATA_INIT(kmalloc_caches, Real, nullptr, kMostTypes* machine::kSizeClasses * sizeof(void*))
{
  if (!machine::has_memory()) return;
  auto types = binding.target().enumerator("NR_KMALLOC_TYPES").value_or(4);
  auto dma = binding.target().enumerator("KMALLOC_DMA").value_or(3);
  auto* rows = static_cast<Cache*(*)[machine::kSizeClasses]>(at);
  for (int64_t type = 0; type < types && type < static_cast<int64_t>(kMostTypes); type++)
    for (unsigned index = 1; index < machine::kSizeClasses; index++)
      rows[type][index] = heap().class_cache(index, type == dma);
}

KAPI(kmem_buckets_create, Partial("shares the kmalloc caches instead of making separate ones"),
     Buckets, (const char*, slab_flags_t, unsigned, unsigned, void (*)(void*))) {
  auto* buckets = static_cast<k::kmem_cache**>(
      slab_allocate(machine::kSizeClasses * sizeof(void*), kGfpKernel | kGfpZero, 0));
  for (unsigned index = 1; buckets && index < machine::kSizeClasses; index++)
    buckets[index] = reinterpret_cast<k::kmem_cache*>(heap().class_cache(index, false));
  return reinterpret_cast<Buckets>(buckets);
}

}  // namespace
}  // namespace ring3::kernel
