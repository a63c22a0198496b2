// SPDX-License-Identifier: GPL-2.0-only
// Object caches (kmem_cache). A struct kmem_cache is the engine's own object: no module looks
// inside one. Caches are not merged with others of their size as Linux does by default, so a free
// into the wrong cache is always seen.
#include "linux/mm/mm.h"

#include <algorithm>

#include "kapi/kapi.h"
#include "linux/include/printk.h"

namespace ring3::kernel {
namespace {

using machine::Cache;
using machine::heap;

KFIELD_MAYBE(kmem_cache_args, align, unsigned);
KFIELD_MAYBE(kmem_cache_args, useroffset, unsigned);
KFIELD_MAYBE(kmem_cache_args, usersize, unsigned);
KFIELD_MAYBE(kmem_cache_args, ctor, void (*)(void*));

Cache& engine(k::kmem_cache* cache) { return *reinterpret_cast<Cache*>(cache); }

constexpr unsigned kCacheLine = 64;
constexpr size_t kWord = sizeof(void*);

// mm/slab_common.c, calculate_alignment(): small objects share a cache line even when aligned.
size_t cache_alignment(slab_flags_t flags, size_t align, size_t size) {
  if (flags & mm_facts().hwcache_align) {
    size_t line = kCacheLine;
    while (size <= line / 2) line /= 2;
    align = std::max(align, line);
  }
  align = std::max(align, machine::kLeastAlignment);
  return (align + kWord - 1) & ~(kWord - 1);
}

k::kmem_cache* create(const char* name, unsigned size, unsigned align, slab_flags_t flags,
                      unsigned user_offset, unsigned user_size, void (*construct)(void*)) {
  const MmFacts& facts = mm_facts();
  bool bad_user = (!user_size && user_offset) || size < user_size || size - user_size < user_offset;
  if (bad_user) user_offset = user_size = 0;  // Linux warns once and goes on like this
  size_t alignment = cache_alignment(flags, align, size);
  if (!size || size > machine::kLargestObject || (alignment & (alignment - 1))) {
    kernel_warning("__kmem_cache_create_args(%s) failed with error -22\n", name ? name : "?");
    return nullptr;
  }
  if (machine::allocation_fail_point().should_fail(module_caller())) {
    kernel_warning("kmem_cache_create(%s) failed with error -12\n", name ? name : "?");
    return nullptr;
  }
  return reinterpret_cast<k::kmem_cache*>(
      heap().create_cache({.name = name ? name : "?",
                           .size = size,
                           .align = alignment,
                           .construct = construct,
                           .type_stable = (flags & facts.type_stable) != 0,
                           .dma = (flags & facts.cache_dma) != 0,
                           .user_offset = user_offset,
                           .user_size = user_size,
                           .flags = flags,
                           .owner = module_caller()}));
}

void* allocate(k::kmem_cache* cache, gfp_t gfp, uint64_t owner) {
  const Cache& options = engine(cache);
  // init_on_alloc leaves caches alone whose objects keep their state (slab_want_init_on_alloc).
  bool zero = (gfp & kGfpZero) || (mm_facts().init_on_alloc && !options.options.construct &&
                                   !options.options.type_stable);
  return heap().allocate(engine(cache),
                         {.zero = zero, .may_fail = !(gfp & kGfpNoFail), .owner = owner});
}

int allocate_bulk(k::kmem_cache* cache, gfp_t gfp, size_t count, void** objects) {
  uint64_t owner = module_caller();
  for (size_t i = 0; i < count; i++) {
    objects[i] = allocate(cache, gfp, owner);
    if (objects[i]) continue;
    while (i--) heap().free(objects[i], owner, &engine(cache));
    return 0;
  }
  return static_cast<int>(count);
}

KAPI(kmem_cache_create, Real, k::kmem_cache*,
     (const char* name, unsigned size, unsigned align, slab_flags_t flags, void (*ctor)(void*))) {
  return create(name, size, align, flags, 0, 0, ctor);
}
KAPI(kmem_cache_create_usercopy, Real, k::kmem_cache*,
     (const char* name, unsigned size, unsigned align, slab_flags_t flags, unsigned useroffset,
      unsigned usersize, void (*ctor)(void*))) {
  return create(name, size, align, flags, useroffset, usersize, ctor);
}
KAPI(__kmem_cache_create_args, Real, k::kmem_cache*,
     (const char* name, unsigned object_size, k::kmem_cache_args* args, slab_flags_t flags)) {
  return create(name, object_size, kmem_cache_args_align(args), flags,
                kmem_cache_args_useroffset(args), kmem_cache_args_usersize(args),
                kmem_cache_args_ctor(args));
}

KAPI(kmem_cache_alloc, Real, void*, (k::kmem_cache * cache, gfp_t flags)) {
  return allocate(cache, flags, module_caller());
}
KAPI(kmem_cache_alloc_lru, Real, void*, (k::kmem_cache * cache, k::list_lru*, gfp_t flags)) {
  return allocate(cache, flags, module_caller());
}
KAPI(kmem_cache_alloc_node, Real, void*, (k::kmem_cache * cache, gfp_t flags, int)) {
  return allocate(cache, flags, module_caller());
}
KAPI(kmem_cache_alloc_bulk, Real, int,
     (k::kmem_cache * cache, gfp_t flags, size_t size, void** objects)) {
  return allocate_bulk(cache, flags, size, objects);
}
KAPI(kmem_cache_alloc_noprof, Real, void*, (k::kmem_cache * cache, gfp_t flags)) {
  return allocate(cache, flags, module_caller());
}
KAPI(kmem_cache_alloc_lru_noprof, Real, void*, (k::kmem_cache * cache, k::list_lru*, gfp_t flags)) {
  return allocate(cache, flags, module_caller());
}
KAPI(kmem_cache_alloc_node_noprof, Real, void*, (k::kmem_cache * cache, gfp_t flags, int)) {
  return allocate(cache, flags, module_caller());
}
KAPI(kmem_cache_alloc_bulk_noprof, Real, int,
     (k::kmem_cache * cache, gfp_t flags, size_t size, void** objects)) {
  return allocate_bulk(cache, flags, size, objects);
}

KAPI(kmem_cache_free, Real, void, (k::kmem_cache * cache, void* object)) {
  if (cache) heap().free(object, module_caller(), &engine(cache));
}
KAPI(kmem_cache_free_bulk, Real, void, (k::kmem_cache * cache, size_t size, void** objects)) {
  for (size_t i = 0; i < size; i++)
    heap().free(objects[i], module_caller(), cache ? &engine(cache) : nullptr);
}

KAPI(kmem_cache_destroy, Real, void, (k::kmem_cache * cache)) {
  if (!cache) return;
  Cache& destroyed = engine(cache);
  if (!heap().is_cache(&destroyed)) {
    kernel_warning("kmem_cache_destroy: %px is not a cache, or was destroyed before\n", cache);
    return;
  }
  uint64_t left = heap().destroy_cache(&destroyed);
  if (!left) return;
  const char* name = destroyed.options.name.c_str();
  kernel_print(KERN_ERR "BUG %s: Objects remaining in %s on __kmem_cache_shutdown()\n", name, name);
  heap().for_each_object(0, ~0ull, [&](const machine::HeapObject& object) {
    if (object.cache != name) return;
    kernel_print(KERN_ERR "Object 0x%px, allocated in %pS\n",
                 reinterpret_cast<void*>(object.address), reinterpret_cast<void*>(object.owner));
  });
  kernel_warning("kmem_cache_destroy %s: Slab cache still has objects when called from %pS\n", name,
                 reinterpret_cast<void*>(module_caller()));
}

KAPI(kmem_cache_shrink, Real, int, (k::kmem_cache * cache)) {
  heap().shrink(engine(cache));
  return 0;
}
KAPI(kmem_cache_size, Real, unsigned, (k::kmem_cache * cache)) {
  return static_cast<unsigned>(engine(cache).options.size);
}
KAPI(validate_slab_cache, Stub("the heap's lists lie outside what modules can damage"), long,
     (k::kmem_cache*)) {
  return 0;
}
KAPI(kmem_cache_charge, Stub("there are no memory control groups: nothing is charged"), bool,
     (void*, gfp_t)) {
  return true;
}

bool dump_object(const void* object) {
  auto found = heap().find(reinterpret_cast<uint64_t>(object));
  if (!found) return false;
  uint64_t offset = reinterpret_cast<uint64_t>(object) - found->address;
  kernel_print(KERN_CONT " slab%s %s start %px pointer offset %lu size %lu\n",
               found->live ? "" : " (freed)", found->cache ? found->cache : "kmalloc",
               reinterpret_cast<void*>(found->address), offset, found->room);
  uint64_t site = found->live ? found->owner : found->freed_by;
  if (site)
    kernel_print(KERN_INFO " %s at %pS\n", found->live ? "allocated" : "freed",
                 reinterpret_cast<void*>(site));
  return true;
}
KAPI(kmem_dump_obj, Real, bool, (void* object)) { return dump_object(object); }
KAPI(mem_dump_obj, Partial("tells nothing of static kernel memory and stacks"), void,
     (void* object)) {
  if (dump_object(object)) return;
  bool vmalloc = machine::vmalloc_space().contains(reinterpret_cast<uint64_t>(object));
  kernel_print(KERN_CONT " %s memory.\n", vmalloc                   ? "vmalloc"
                                          : !object                 ? "NULL pointer"
                                          : is_zero_or_null(object) ? "zero-size pointer"
                                                                    : "non-slab/vmalloc");
}

}  // namespace
}  // namespace ring3::kernel
