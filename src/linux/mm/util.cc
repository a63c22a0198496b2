// SPDX-License-Identifier: GPL-2.0-only
// Copies of strings and memory, and memory that comes from kmalloc() or else vmalloc().
#include <algorithm>
#include <climits>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/printk.h"
#include "linux/mm/mm.h"

namespace ring3::kernel {

using machine::vmalloc_space;

void* kv_allocate(size_t size, gfp_t gfp, uint64_t owner) {
  // Linux: a first try that does not insist, then pages that need not be neighbours.
  gfp_t first = size > machine::kPageBytes ? (gfp | kGfpNoWarn) & ~unsigned{kGfpNoFail} : gfp;
  void* object = slab_allocate(size, first, owner);
  if (object || size <= machine::kPageBytes) return object;
  if (size > INT_MAX) {
    if (!(gfp & kGfpNoWarn)) kernel_warning("kvmalloc of %zu bytes: more than INT_MAX\n", size);
    return nullptr;
  }
  return vmalloc_allocate(size, gfp, owner);
}

void kv_free(const void* object, uint64_t caller) {
  if (vmalloc_space().contains(reinterpret_cast<uint64_t>(object)))
    vmalloc_free(object, caller);
  else
    slab_free(object, caller);
}

namespace {

void* duplicate(const void* source, size_t size, gfp_t gfp) {
  void* copy = slab_allocate(size, gfp, module_caller());
  if (copy && size) std::memcpy(copy, source, size);
  return copy;
}

char* duplicate_text(const char* text, size_t length, gfp_t gfp) {
  char* copy = static_cast<char*>(slab_allocate(length + 1, gfp, module_caller()));
  if (!copy) return nullptr;
  std::memcpy(copy, text, length);
  copy[length] = 0;
  return copy;
}

KAPI(kstrdup, Real, char*, (const char* s, gfp_t gfp)) {
  return s ? duplicate_text(s, std::strlen(s), gfp) : nullptr;
}
// Linux hands out the string itself when it lies in the kernel's own read-only data. Module code
// has no such strings but those that we give it, so a copy is always right.
KAPI(kstrdup_const, Real, const char*, (const char* s, gfp_t gfp)) {
  return s ? duplicate_text(s, std::strlen(s), gfp) : nullptr;
}
KAPI(kfree_const, Real, void, (const void* x)) { slab_free(x, module_caller()); }
KAPI(kstrndup, Real, char*, (const char* s, size_t max, gfp_t gfp)) {
  return s ? duplicate_text(s, strnlen(s, max), gfp) : nullptr;
}
KAPI(kmemdup, Real, void*, (const void* source, size_t size, gfp_t gfp)) {
  return duplicate(source, size, gfp);
}
KAPI(kmemdup_noprof, Real, void*, (const void* source, size_t size, gfp_t gfp)) {
  return duplicate(source, size, gfp);
}
KAPI(kmemdup_nul, Real, char*, (const char* s, size_t length, gfp_t gfp)) {
  return s ? duplicate_text(s, length, gfp) : nullptr;
}
KAPI(kmemdup_array, Real, void*,
     (const void* source, size_t count, size_t element_size, gfp_t gfp)) {
  size_t size;
  // size_mul() saturates: the allocation fails.
  if (__builtin_mul_overflow(count, element_size, &size)) return nullptr;
  return duplicate(source, size, gfp);
}
KAPI(kvmemdup, Real, void*, (const void* source, size_t size, gfp_t gfp)) {
  void* copy = kv_allocate(size, gfp, module_caller());
  if (copy && size) std::memcpy(copy, source, size);
  return copy;
}
KAPI(kvmalloc_node, Real, void*, (size_t size, gfp_t flags, int)) {
  return kv_allocate(size, flags, module_caller());
}
KAPI(__kvmalloc_node_noprof, Real, void*,
     (size_t size, k::kmem_cache* (*)[machine::kSizeClasses], gfp_t flags, int)) {
  return kv_allocate(size, flags, module_caller());
}
KAPI(kvfree, Real, void, (const void* object)) { kv_free(object, module_caller()); }
KAPI(kvfree_sensitive, Real, void, (const void* object, size_t length)) {
  if (is_zero_or_null(object)) return;
  std::memset(const_cast<void*>(object), 0, length);
  kv_free(object, module_caller());
}
// 6.1: the caller tells the old size.
KAPI(kvrealloc, Real, void*, (const void* object, size_t oldsize, size_t newsize, gfp_t flags)) {
  if (oldsize >= newsize) return const_cast<void*>(object);
  void* fresh = kv_allocate(newsize, flags, module_caller());
  if (!fresh) return nullptr;
  if (oldsize) std::memcpy(fresh, object, oldsize);
  kv_free(object, module_caller());
  return fresh;
}
// 6.12: the allocator knows it.
KAPI(kvrealloc_noprof, Real, void*, (const void* object, size_t size, gfp_t flags)) {
  uint64_t address = reinterpret_cast<uint64_t>(object);
  size_t old = is_zero_or_null(object)             ? 0
               : vmalloc_space().contains(address) ? vmalloc_space().size_at(address)
                                                   : machine::heap().room(object);
  if (!size) {
    kv_free(object, module_caller());
    return zero_size_pointer();
  }
  if (old >= size) return const_cast<void*>(object);
  void* fresh = kv_allocate(size, flags, module_caller());
  if (!fresh) return nullptr;
  if (old) std::memcpy(fresh, object, old);
  if (old) kv_free(object, module_caller());
  return fresh;
}

}  // namespace
}  // namespace ring3::kernel
