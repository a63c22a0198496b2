// SPDX-License-Identifier: GPL-2.0-only
// The fast heap: objects of one size packed into slabs of 1 to 8 pages, larger ones straight from
// the page allocator. The free list of a slab and what is known about each object lie beside the
// memory, not in it, so a module that writes to freed memory damages its own data only. A cache
// has a few shards, each with a lock and its own slabs, chosen by host thread; an object goes back
// to the shard it came from.
//
// Slab descriptors are never freed while the heap lives: a late or wrong free that races with the
// slab's end finds a descriptor that says "not mine" rather than freed host memory.
#pragma once

#include <vector>

#include "machine/memory/heap.h"

namespace ring3::machine {

class FastHeap final : public Heap {
 public:
  explicit FastHeap(PageAllocator& pages);
  ~FastHeap() override;

  bool free(const void* object, uint64_t caller, Cache* expected) override;
  std::optional<HeapObject> find(uint64_t address) override;
  void for_each_object(uint64_t owner_begin, uint64_t owner_end,
                       const std::function<void(const HeapObject&)>& fn) override;
  bool resize(const void* object, size_t size) override;
  size_t room(const void* object) override;
  uint64_t shrink(Cache& cache) override;

  // What lies behind a page's tag (page_allocator.h), when this heap set it.
  struct Slab;
  struct FastCache;

 protected:
  std::unique_ptr<Cache> make_cache(CacheOptions options) override;
  void* take(Cache& cache, const Allocation& request) override;
  void* take_large(const Allocation& request) override;
  void empty_cache(Cache& cache) override;

 private:
  // A slot of a slab: who holds it, or which slot is free next.
  struct Slot {
    uint64_t owner;  // live: who allocated; free: who freed, 0 when never used
    uint32_t size;   // asked for
    uint16_t next;
    uint16_t live;
  };
  static_assert(sizeof(Slot) == 16);
  static constexpr uint16_t kNone = 0xffff;

  Slab* make_slab(FastCache& cache, unsigned shard, const Allocation& request);
  void drop_slab(Slab& slab, std::vector<Slab*>& spare);
  Slab* slab_at(uint64_t address) const;
  bool free_large(uint64_t address, uint64_t caller);
  HeapObject describe_slot(const Slab& slab, unsigned index) const;
  bool bad_free(MemoryReport::Kind kind, uint64_t address, uint64_t caller,
                const HeapObject& object);
};

}  // namespace ring3::machine
