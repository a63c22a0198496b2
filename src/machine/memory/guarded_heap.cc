// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memory/guarded_heap.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "host/memory.h"

namespace ring3::machine {
namespace {

constexpr uint8_t kPattern = 0xa5;

uint8_t* bytes(uint64_t address) { return reinterpret_cast<uint8_t*>(address); }

// Whether all of it still holds the pattern: the first byte does, and each equals the one before.
bool untouched(uint64_t begin, uint64_t end) {
  if (begin == end) return true;
  return *bytes(begin) == kPattern && !std::memcmp(bytes(begin), bytes(begin + 1), end - begin - 1);
}

}  // namespace

struct GuardedHeap::GuardedCache final : Cache {
  GuardedCache(CacheOptions options, Cache* inner) : Cache(std::move(options)), inner(inner) {}
  uint64_t live() override { return guarded_live.load(std::memory_order_relaxed) + inner->live(); }
  Cache* const inner;  // its twin in the fast heap
  std::atomic<uint64_t> guarded_live{0};
};

GuardedHeap::GuardedHeap(PageAllocator& pages, const GuardOptions& options)
    : Heap(pages), options_(options), fast_(pages) {
  make_size_classes();
}

GuardedHeap::~GuardedHeap() {
  // Whoever uses the RAM next finds it readable.
  for (auto& guarded : all_)
    if (guarded->pfn)
      (void)host::protect(pages_.ram().address_of(guarded->pfn), kPageBytes << guarded->order,
                          host::Protection::kReadWrite);
  drop_caches();
}

std::unique_ptr<Cache> GuardedHeap::make_cache(CacheOptions options) {
  options.align = std::max(options.align, kLeastAlignment);
  Cache* inner = fast_.create_cache(options);
  return std::make_unique<GuardedCache>(std::move(options), inner);
}

void GuardedHeap::empty_cache(Cache& cache) {
  fast_.destroy_cache(static_cast<GuardedCache&>(cache).inner);
}

uint64_t GuardedHeap::data_end(const Guarded& guarded) const {
  return pages_.ram().address_of(guarded.pfn) + (kPageBytes << guarded.order) - kPageBytes;
}

uint64_t GuardedHeap::data_begin(const Guarded& guarded) const {
  return data_end(guarded) - (guarded.pages << kPageShift);
}

void* GuardedHeap::take(Cache& base, const Allocation& request) {
  GuardedCache& cache = static_cast<GuardedCache&>(base);
  size_t size = request.size ? request.size : cache.options.size;
  // A cache's users may use all of its size, kmalloc's only what they asked for.
  if (!cache.is_size_class) size = cache.options.size;
  size_t align =
      cache.is_size_class ? std::max(natural_alignment(size), request.align) : cache.options.align;
  void* object = nullptr;
  if (!cache.options.type_stable && align <= kPageBytes)
    object = take_guarded(&cache, size, align, request);
  if (object) {
    if (cache.options.construct) cache.options.construct(object);
    return object;
  }
  Allocation inner = request;
  inner.may_fail = false;  // the fail point has been asked
  return fast_.allocate(*cache.inner, inner);
}

void* GuardedHeap::take_large(const Allocation& request) {
  size_t align = std::max<size_t>(request.align, kLeastAlignment);
  // Large objects are page aligned in Linux, so their end cannot be at the guard as well unless
  // the size is whole pages; the pattern guards the rest.
  align = std::max<size_t>(align, kPageBytes);
  if (request.size <= kLargestObject && align <= kPageBytes)
    if (void* object = take_guarded(nullptr, request.size, align, request)) return object;
  Allocation inner = request;
  inner.may_fail = false;
  return fast_.allocate(inner);
}

void* GuardedHeap::take_guarded(GuardedCache* cache, size_t size, size_t align,
                                const Allocation& request) {
  uint64_t pages = (((size + align - 1) & ~(align - 1)) + kPageBytes - 1) >> kPageShift;
  unsigned order = static_cast<unsigned>(std::bit_width(pages));  // room for one page more
  bool full;
  {
    SpinGuard guard(lock_);
    full = live_ >= options_.most_objects || order > kMaxOrder;
    if (full) unguarded_++;
  }
  if (full) return nullptr;
  PageRequest wanted{.order = order,
                     .zero = false,
                     .dma = request.dma || (cache && cache->options.dma),
                     .use = PageUse::kHeap,
                     .owner = request.owner};
  uint64_t pfn = pages_.allocate(wanted);
  while (pfn == kNoPage) {  // memory is short: the quarantine is what can go
    std::vector<Guarded> leaving;
    {
      SpinGuard guard(lock_);
      leave_quarantine(leaving);
      if (leaving.empty()) unguarded_++;
    }
    if (leaving.empty()) return nullptr;
    free_blocks(leaving);
    pfn = pages_.allocate(wanted);
  }
  uint64_t base = pages_.ram().address_of(pfn);
  Guarded made{.pfn = pfn, .order = order, .pages = pages, .object = {}, .cache = cache};
  uint64_t begin = data_begin(made), end = data_end(made);
  uint64_t address = (end - size) & ~(align - 1);
  (void)host::protect(end, kPageBytes, host::Protection::kNone);
  if (begin > base) (void)host::protect(base, begin - base, host::Protection::kNone);
  std::memset(bytes(begin), kPattern, address - begin);
  std::memset(bytes(address + size), kPattern, end - address - size);
  if (request.zero) std::memset(bytes(address), 0, size);
  made.object = {.address = address,
                 .size = size,
                 .room = size,
                 .owner = request.owner,
                 .live = true,
                 .cache = cache ? cache->options.name.c_str() : nullptr,
                 .home = cache};
  if (cache) cache->guarded_live.fetch_add(1, std::memory_order_relaxed);
  SpinGuard guard(lock_);
  if (spare_.empty()) {
    all_.push_back(std::make_unique<Guarded>());
    spare_.push_back(all_.back().get());
  }
  Guarded* guarded = spare_.back();
  spare_.pop_back();
  *guarded = made;
  live_++;
  set_tags(*guarded, guarded);
  return reinterpret_cast<void*>(address);
}

void GuardedHeap::set_tags(const Guarded& guarded, void* tag) {
  if (tag) tag = reinterpret_cast<void*>(reinterpret_cast<uint64_t>(tag) | kGuardedTag);
  for (uint64_t i = 0; i < (1ull << guarded.order); i++)
    pages_.info(guarded.pfn + i).tag.store(tag, std::memory_order_release);
}

GuardedHeap::Guarded* GuardedHeap::at(uint64_t address) const {
  if (!pages_.ram().contains(address)) return nullptr;
  uint64_t tag = reinterpret_cast<uint64_t>(
      pages_.info(pages_.ram().pfn_of(address)).tag.load(std::memory_order_acquire));
  if ((tag & kGuardedTag) != kGuardedTag) return nullptr;
  return reinterpret_cast<Guarded*>(tag & ~kGuardedTag);
}

std::optional<uint64_t> GuardedHeap::first_change(const Guarded& guarded) const {
  const uint64_t begin = guarded.object.address, end = begin + guarded.object.size;
  const uint64_t first = data_begin(guarded), last = data_end(guarded);
  if (untouched(first, begin) && untouched(end, last)) return std::nullopt;
  // From the object outwards: the byte next to it says most.
  for (uint64_t at = begin; at-- > first;)
    if (*bytes(at) != kPattern) return at;
  for (uint64_t at = end; at < last; at++)
    if (*bytes(at) != kPattern) return at;
  return std::nullopt;
}

bool GuardedHeap::free(const void* pointer, uint64_t caller, Cache* expected) {
  uint64_t address = reinterpret_cast<uint64_t>(pointer);
  auto* named = static_cast<GuardedCache*>(expected);
  Guarded* guarded = at(address);
  if (!guarded) return fast_.free(pointer, caller, named ? named->inner : nullptr);
  MemoryReport report{.kind = MemoryReport::kBadFree, .address = address, .caller = caller};
  bool live, overrun = false, wrong_cache = false;
  std::vector<Guarded> leaving;
  {
    SpinGuard guard(lock_);
    report.object = guarded->object;
    bool beginning = guarded->pfn && address == guarded->object.address;
    live = beginning && guarded->object.live;
    if (live) {
      if (auto changed = first_change(*guarded)) {
        overrun = true;
        report.kind = MemoryReport::kOverrun;
        report.address = *changed;
      }
      wrong_cache = named && named != guarded->cache;
      retire(*guarded, caller);
      if (quarantined_pages_ > options_.quarantine_pages) leave_quarantine(leaving);
    } else if (beginning) {
      report.kind = MemoryReport::kDoubleFree;
    }
  }
  free_blocks(leaving);
  if (!live || overrun) pages_.report(report);
  if (wrong_cache)
    pages_.report({.kind = MemoryReport::kWrongCache,
                   .address = address,
                   .caller = caller,
                   .object = report.object,
                   .cache = expected->options.name.c_str()});
  return live;
}

// The lock is held. Into the quarantine: nobody may touch it, and no memory is behind it.
void GuardedHeap::retire(Guarded& guarded, uint64_t caller) {
  guarded.object.live = false;
  guarded.object.freed_by = caller;
  if (guarded.cache) guarded.cache->guarded_live.fetch_sub(1, std::memory_order_relaxed);
  live_--;
  uint64_t begin = data_begin(guarded);
  (void)host::protect(begin, guarded.pages << kPageShift, host::Protection::kNone);
  pages_.ram().give_back(pages_.ram().pfn_of(begin), guarded.pages);
  quarantine_.push_back(&guarded);
  quarantined_pages_ += 1ull << guarded.order;
}

// The lock is held. Takes the oldest out, a few at a time.
void GuardedHeap::leave_quarantine(std::vector<Guarded>& leaving) {
  for (int i = 0; i < 16 && !quarantine_.empty(); i++) {
    Guarded* guarded = quarantine_.front();
    quarantine_.pop_front();
    quarantined_pages_ -= 1ull << guarded->order;
    leaving.push_back(*guarded);
    set_tags(*guarded, nullptr);
    guarded->pfn = 0;
    spare_.push_back(guarded);
  }
}

void GuardedHeap::free_blocks(const std::vector<Guarded>& leaving) {
  for (const Guarded& guarded : leaving) {
    (void)host::protect(pages_.ram().address_of(guarded.pfn), kPageBytes << guarded.order,
                        host::Protection::kReadWrite);
    pages_.free(guarded.pfn, guarded.order, 0);
  }
}

std::optional<HeapObject> GuardedHeap::find(uint64_t address) {
  Guarded* guarded = at(address);
  if (!guarded) return fast_.find(address);
  SpinGuard guard(lock_);
  if (!guarded->pfn) return std::nullopt;
  return guarded->object;
}

void GuardedHeap::for_each_object(uint64_t owner_begin, uint64_t owner_end,
                                  const std::function<void(const HeapObject&)>& fn) {
  std::vector<HeapObject> objects;
  {
    SpinGuard guard(lock_);
    for (auto& guarded : all_) {
      const HeapObject& object = guarded->object;
      if (guarded->pfn && object.live && object.owner >= owner_begin && object.owner < owner_end)
        objects.push_back(object);
    }
  }
  for (const HeapObject& object : objects) fn(object);
  fast_.for_each_object(owner_begin, owner_end, fn);
}

bool GuardedHeap::resize(const void* object, size_t size) {
  // An object's end is its place: it cannot grow or shrink where it is.
  if (at(reinterpret_cast<uint64_t>(object))) return false;
  return fast_.resize(object, size);
}

size_t GuardedHeap::room(const void* object) {
  auto found = find(reinterpret_cast<uint64_t>(object));
  return found && found->live && found->address == reinterpret_cast<uint64_t>(object) ? found->room
                                                                                      : 0;
}

GuardedHeap::Statistics GuardedHeap::statistics() {
  SpinGuard guard(lock_);
  return {.live = live_, .quarantined = quarantine_.size(), .unguarded = unguarded_};
}

}  // namespace ring3::machine
