// SPDX-License-Identifier: GPL-2.0-only
// What the files of this folder share: tags, the target's facts about memory, and the functions
// behind more than one name of the kernel API.
#pragma once

#include <string>

#include "kapi/field.h"
#include "linux/include/slab.h"
#include "linux/mm/gfp.h"
#include "machine/memory/memory.h"
#include "target/target.h"

namespace ring3::k {
struct callback_head;
struct folio;
struct kmem_cache;
struct kmem_cache_args;
struct list_head;
struct list_lru;
struct mempool_s;
struct page;
struct page_frag_cache;
struct sysinfo;
struct nodemask_t;
}  // namespace ring3::k

namespace ring3::kernel {

using gfp_t = unsigned;
using slab_flags_t = unsigned;
using nodemask_pointer = k::nodemask_t*;

// Read from the target when the memory is made.
struct MmFacts {
  bool init_on_alloc = false;  // CONFIG_INIT_ON_ALLOC_DEFAULT_ON
  uint64_t head_flag = 0;      // 1 << PG_head
  uint64_t slab_flag = 0;      // 1 << PG_slab, where that is a flag
  uint32_t slab_type = 0;      // PGTY_slab << 24, where it is a type
  // SLAB_* of this target.
  slab_flags_t hwcache_align = 0, panic = 0, cache_dma = 0, type_stable = 0;
};
MmFacts& mm_facts();
void read_mm_facts(const target::Target& target);

inline bool wants_zero(gfp_t gfp) { return (gfp & kGfpZero) || mm_facts().init_on_alloc; }

// kmalloc, kfree, vmalloc with the call site told.
void* slab_allocate(size_t size, gfp_t gfp, uint64_t owner);
void slab_free(const void* object, uint64_t caller);
void* vmalloc_allocate(uint64_t size, gfp_t gfp, uint64_t owner, bool user = false);
void vmalloc_free(const void* address, uint64_t caller);
void* kv_allocate(size_t size, gfp_t gfp, uint64_t owner);
void kv_free(const void* object, uint64_t caller);

// struct_page.cc
machine::PageHooks page_hooks();
k::page* pages_allocate(gfp_t gfp, unsigned order, uint64_t owner);
void page_free(k::page* page, unsigned order, uint64_t caller);  // __free_pages
bool page_put(k::page* page, int count, uint64_t caller);        // drops references
k::page* head_of(const k::page* page);
k::page* page_at(const void* address);  // virt_to_page of the direct map; null elsewhere
void* address_of(const k::page* page);
void make_compound(k::page* page, unsigned order);

// Per-CPU memory for a module's own variables, of which there is little (mm/percpu.cc). 0: none
// left.
uint64_t allocate_reserved_percpu(uint64_t size, uint64_t align);
void free_reserved_percpu(uint64_t place, uint64_t size);

}  // namespace ring3::kernel
