// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memory/fast_heap.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ring3::machine {
namespace {

constexpr unsigned kShards = 4;
constexpr unsigned kEnoughObjects = 16;  // per slab, if three orders of pages reach that
constexpr unsigned kMaxSlabOrder = 3;
constexpr unsigned kEmptySlabsKept = 2;  // per shard

// A host thread's shard. Nothing below switches tasks while it is in use.
unsigned shard_of_thread() {
  static std::atomic<unsigned> threads{0};
  static thread_local unsigned shard = threads.fetch_add(1, std::memory_order_relaxed) % kShards;
  return shard;
}

unsigned order_of(size_t size) {
  return static_cast<unsigned>(std::bit_width((size - 1) >> kPageShift));
}

unsigned slab_order(size_t stride) {
  unsigned order = order_of(stride);
  while (order < kMaxSlabOrder && (kPageBytes << order) / stride < kEnoughObjects) order++;
  return order;
}

}  // namespace

// Guarded by its shard's lock once it is published in the pages' tags, except what is constant for
// a descriptor (cache, shard, slots).
struct FastHeap::Slab {
  FastCache* cache;
  unsigned shard;
  uint64_t base = 0;  // 0: a spare descriptor
  uint16_t first_free = kNone;
  uint16_t used = 0;
  bool listed = false;  // in the shard's list of slabs with room
  Slab* next = nullptr;
  Slab* previous = nullptr;
  std::unique_ptr<Slot[]> slots;
};

struct FastHeap::FastCache final : Cache {
  explicit FastCache(CacheOptions options)
      : Cache(std::move(options)),
        stride((this->options.size + this->options.align - 1) & ~(this->options.align - 1)),
        order(slab_order(stride)),
        count(static_cast<unsigned>((kPageBytes << order) / stride)),
        reciprocal(static_cast<uint32_t>(((1ull << 32) + stride - 1) / stride)) {}

  // Slot of an offset inside a slab; exact, since offsets are below 2^22.
  unsigned index_of(uint64_t offset) const {
    return static_cast<unsigned>(order > kMaxSlabOrder ? offset / stride
                                                       : (offset * reciprocal) >> 32);
  }

  uint64_t live() override {
    uint64_t total = 0;
    for (Shard& shard : shards) {
      SpinGuard guard(shard.lock);
      total += shard.live;
    }
    return total;
  }

  const size_t stride;
  const unsigned order;
  const unsigned count;
  const uint32_t reciprocal;
  struct alignas(64) Shard {
    SpinLock lock;
    Slab* partial = nullptr;  // slabs with room, the one in use first
    unsigned empty = 0;       // of them, without any object
    uint64_t live = 0;
    std::vector<Slab*> spare;
    std::vector<std::unique_ptr<Slab>> all;
  } shards[kShards];
};

namespace {

template <class Shard, class Slab>
void link(Shard& shard, Slab* slab) {
  slab->previous = nullptr;
  slab->next = shard.partial;
  if (slab->next) slab->next->previous = slab;
  shard.partial = slab;
  slab->listed = true;
}

template <class Shard, class Slab>
void unlink(Shard& shard, Slab* slab) {
  if (slab->next) slab->next->previous = slab->previous;
  if (slab->previous)
    slab->previous->next = slab->next;
  else
    shard.partial = slab->next;
  slab->listed = false;
}

}  // namespace

FastHeap::FastHeap(PageAllocator& pages) : Heap(pages) { make_size_classes(); }
FastHeap::~FastHeap() { drop_caches(); }

std::unique_ptr<Cache> FastHeap::make_cache(CacheOptions options) {
  options.align = std::max(options.align, kLeastAlignment);
  return std::make_unique<FastCache>(std::move(options));
}

FastHeap::Slab* FastHeap::make_slab(FastCache& cache, unsigned shard_index,
                                    const Allocation& request) {
  uint64_t pfn = pages_.allocate({.order = cache.order,
                                  .zero = request.zero && !cache.options.construct,
                                  .dma = cache.options.dma,
                                  .use = PageUse::kHeap,
                                  .owner = request.owner});
  if (pfn == kNoPage) return nullptr;
  uint64_t base = pages_.ram().address_of(pfn);
  if (cache.options.construct)
    for (unsigned i = 0; i < cache.count; i++)
      cache.options.construct(reinterpret_cast<void*>(base + i * cache.stride));

  auto& shard = cache.shards[shard_index];
  std::unique_ptr<Slab> fresh(new Slab{.cache = &cache, .shard = shard_index, .slots = nullptr});
  fresh->slots.reset(new Slot[cache.count]);
  SpinGuard guard(shard.lock);
  Slab* slab;
  if (!shard.spare.empty()) {
    slab = shard.spare.back();
    shard.spare.pop_back();
  } else {
    slab = fresh.get();
    shard.all.push_back(std::move(fresh));
  }
  for (unsigned i = 0; i < cache.count; i++)
    slab->slots[i] = {.owner = 0,
                      .size = 0,
                      .next = static_cast<uint16_t>(i + 1 < cache.count ? i + 1 : kNone),
                      .live = 0};
  slab->base = base;
  slab->first_free = 0;
  slab->used = 0;
  for (uint64_t i = 0; i < (1ull << cache.order); i++)
    pages_.info(pfn + i).tag.store(slab, std::memory_order_release);
  link(shard, slab);
  shard.empty++;
  return slab;
}

void* FastHeap::take(Cache& base, const Allocation& request) {
  FastCache& cache = static_cast<FastCache&>(base);
  uint64_t address;
  for (;;) {
    unsigned index_of_shard = shard_of_thread();
    auto& shard = cache.shards[index_of_shard];
    shard.lock.lock();
    Slab* slab = shard.partial;
    if (slab) [[likely]] {
      unsigned index = slab->first_free;
      Slot& slot = slab->slots[index];
      slab->first_free = slot.next;
      shard.live++;
      if (slab->used++ == 0) shard.empty--;
      slot = {.owner = request.owner,
              .size = static_cast<uint32_t>(request.size ? request.size : cache.options.size),
              .next = kNone,
              .live = 1};
      if (slab->first_free == kNone) unlink(shard, slab);
      address = slab->base + index * cache.stride;
      shard.lock.unlock();
      break;
    }
    shard.lock.unlock();
    if (!make_slab(cache, index_of_shard, request)) return nullptr;
  }
  void* object = reinterpret_cast<void*>(address);
  if (request.zero && !cache.options.construct) std::memset(object, 0, cache.options.size);
  return object;
}

FastHeap::Slab* FastHeap::slab_at(uint64_t address) const {
  if (!pages_.ram().contains(address)) return nullptr;
  const PageInfo& info = pages_.info(pages_.ram().pfn_of(address));
  uint64_t tag = reinterpret_cast<uint64_t>(info.tag.load(std::memory_order_acquire));
  return tag & kLargeTag ? nullptr : reinterpret_cast<Slab*>(tag);
}

bool FastHeap::bad_free(MemoryReport::Kind kind, uint64_t address, uint64_t caller,
                        const HeapObject& object) {
  pages_.report({.kind = kind, .address = address, .caller = caller, .object = object});
  return false;
}

bool FastHeap::free(const void* object, uint64_t caller, Cache* expected) {
  uint64_t address = reinterpret_cast<uint64_t>(object);
  Slab* slab = slab_at(address);
  if (!slab) return free_large(address, caller);
  FastCache& cache = *slab->cache;
  auto& shard = cache.shards[slab->shard];
  std::optional<uint64_t> pages_to_free;
  shard.lock.lock();
  uint64_t offset = address - slab->base;
  if (!slab->base || offset >= (kPageBytes << cache.order)) {
    shard.lock.unlock();
    return bad_free(MemoryReport::kBadFree, address, caller, {});
  }
  unsigned index = cache.index_of(offset);
  if (index >= cache.count || !slab->slots[index].live || index * cache.stride != offset) {
    HeapObject found = index < cache.count ? describe_slot(*slab, index) : HeapObject{};
    shard.lock.unlock();
    bool again = found.address == address && found.freed_by;
    return bad_free(again ? MemoryReport::kDoubleFree : MemoryReport::kBadFree, address, caller,
                    found);
  }
  Slot& slot = slab->slots[index];
  HeapObject before;
  bool wrong_cache = expected && expected != &cache;
  if (wrong_cache) before = describe_slot(*slab, index);
  slot.owner = caller ? caller : 1;
  slot.live = 0;
  slot.next = slab->first_free;
  slab->first_free = static_cast<uint16_t>(index);
  shard.live--;
  if (!slab->listed) link(shard, slab);
  if (--slab->used == 0 && ++shard.empty > kEmptySlabsKept && !cache.options.type_stable) {
    pages_to_free = pages_.ram().pfn_of(slab->base);
    drop_slab(*slab, shard.spare);
    shard.empty--;
  }
  shard.lock.unlock();
  if (pages_to_free) pages_.free(*pages_to_free, cache.order, caller);
  if (wrong_cache)
    pages_.report({.kind = MemoryReport::kWrongCache,
                   .address = address,
                   .caller = caller,
                   .object = before,
                   .cache = expected->options.name.c_str()});
  return true;
}

// The shard's lock is held. The pages' tags go with the pages.
void FastHeap::drop_slab(Slab& slab, std::vector<Slab*>& spare) {
  auto& shard = slab.cache->shards[slab.shard];
  unlink(shard, &slab);
  uint64_t pfn = pages_.ram().pfn_of(slab.base);
  for (uint64_t i = 0; i < (1ull << slab.cache->order); i++)
    pages_.info(pfn + i).tag.store(nullptr, std::memory_order_release);
  slab.base = 0;
  spare.push_back(&slab);
}

void* FastHeap::take_large(const Allocation& request) {
  size_t size = std::max(request.size, request.align);
  if (size > kLargestObject) return nullptr;
  unsigned order = order_of(size);
  uint64_t pfn = pages_.allocate({.order = order,
                                  .zero = request.zero,
                                  .dma = request.dma,
                                  .use = PageUse::kHeap,
                                  .owner = request.owner});
  if (pfn == kNoPage) return nullptr;
  void* tag = reinterpret_cast<void*>(request.size << 1 | kLargeTag);
  pages_.info(pfn).tag.store(tag, std::memory_order_release);
  return reinterpret_cast<void*>(pages_.ram().address_of(pfn));
}

bool FastHeap::free_large(uint64_t address, uint64_t caller) {
  const Ram& ram = pages_.ram();
  PageAllocator::Block block;
  if (!ram.contains(address) || !pages_.find(ram.pfn_of(address), block) ||
      block.use != PageUse::kHeap || address != ram.address_of(block.pfn) ||
      !is_large_tag(reinterpret_cast<uint64_t>(pages_.info(block.pfn).tag.load()))) {
    auto object = find(address);
    return bad_free(MemoryReport::kBadFree, address, caller, object ? *object : HeapObject{});
  }
  return pages_.free(block.pfn, block.order, caller);
}

HeapObject FastHeap::describe_slot(const Slab& slab, unsigned index) const {
  const Slot& slot = slab.slots[index];
  return {.address = slab.base + index * slab.cache->stride,
          .size = slot.size,
          .room = slab.cache->options.type_stable ? slab.cache->options.size : slab.cache->stride,
          .owner = slot.live ? slot.owner : 0,
          .freed_by = slot.live ? 0 : slot.owner,
          .live = slot.live != 0,
          .cache = slab.cache->options.name.c_str(),
          .home = slab.cache};
}

std::optional<HeapObject> FastHeap::find(uint64_t address) {
  const Ram& ram = pages_.ram();
  if (!ram.contains(address)) return std::nullopt;
  if (Slab* slab = slab_at(address)) {
    SpinGuard guard(slab->cache->shards[slab->shard].lock);
    uint64_t offset = address - slab->base;
    if (!slab->base || offset >= (kPageBytes << slab->cache->order)) return std::nullopt;
    unsigned index = slab->cache->index_of(offset);
    if (index >= slab->cache->count) return std::nullopt;
    return describe_slot(*slab, index);
  }
  PageAllocator::Block block;
  if (!pages_.find(ram.pfn_of(address), block) || block.use != PageUse::kHeap) return std::nullopt;
  uint64_t tag = reinterpret_cast<uint64_t>(pages_.info(block.pfn).tag.load());
  if (!is_large_tag(tag)) return std::nullopt;
  return HeapObject{.address = ram.address_of(block.pfn),
                    .size = tag >> 1,
                    .room = kPageBytes << block.order,
                    .owner = block.owner,
                    .live = true};
}

size_t FastHeap::room(const void* object) {
  auto found = find(reinterpret_cast<uint64_t>(object));
  return found && found->live && found->address == reinterpret_cast<uint64_t>(object) ? found->room
                                                                                      : 0;
}

bool FastHeap::resize(const void* object, size_t size) {
  uint64_t address = reinterpret_cast<uint64_t>(object);
  if (!room(object)) return false;
  if (Slab* slab = slab_at(address)) {
    SpinGuard guard(slab->cache->shards[slab->shard].lock);
    if (slab->base)
      slab->slots[slab->cache->index_of(address - slab->base)].size = static_cast<uint32_t>(size);
    return true;
  }
  void* tag = reinterpret_cast<void*>(size << 1 | kLargeTag);
  pages_.info(pages_.ram().pfn_of(address)).tag.store(tag, std::memory_order_release);
  return true;
}

void FastHeap::for_each_object(uint64_t owner_begin, uint64_t owner_end,
                               const std::function<void(const HeapObject&)>& fn) {
  std::vector<HeapObject> objects;
  for_each_cache([&](Cache& base) {
    auto& cache = static_cast<FastCache&>(base);
    for (auto& shard : cache.shards) {
      SpinGuard guard(shard.lock);
      for (auto& slab : shard.all) {
        for (unsigned i = 0; slab->base && i < cache.count; i++) {
          const Slot& slot = slab->slots[i];
          if (slot.live && slot.owner >= owner_begin && slot.owner < owner_end)
            objects.push_back(describe_slot(*slab, i));
        }
      }
    }
  });
  uint64_t end = pages_.used_end();
  for (uint64_t pfn = 0; pfn < end; pfn++) {
    const PageInfo& info = pages_.info(pfn);
    if (info.use.load(std::memory_order_relaxed) != PageUse::kHeap) continue;
    if (!is_large_tag(reinterpret_cast<uint64_t>(info.tag.load()))) continue;
    auto object = find(pages_.ram().address_of(pfn));
    if (object && object->owner >= owner_begin && object->owner < owner_end)
      objects.push_back(*object);
  }
  for (const HeapObject& object : objects) fn(object);
}

uint64_t FastHeap::shrink(Cache& base) {
  FastCache& cache = static_cast<FastCache&>(base);
  std::vector<uint64_t> blocks;
  for (auto& shard : cache.shards) {
    SpinGuard guard(shard.lock);
    for (Slab *slab = shard.partial, *next; slab; slab = next) {
      next = slab->next;
      if (slab->used) continue;
      blocks.push_back(pages_.ram().pfn_of(slab->base));
      drop_slab(*slab, shard.spare);
      shard.empty--;
    }
  }
  for (uint64_t pfn : blocks) pages_.free(pfn, cache.order, 0);
  return blocks.size() << cache.order;
}

void FastHeap::empty_cache(Cache& cache) { shrink(cache); }

}  // namespace ring3::machine
