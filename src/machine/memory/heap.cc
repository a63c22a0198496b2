// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memory/heap.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace ring3::machine {
namespace {

// Index by (size + 7) / 8, as sizes to 192 are not all powers of two.
constexpr auto kSmallClasses = [] {
  std::array<uint8_t, 25> table{};
  for (unsigned i = 0; i < table.size(); i++) {
    size_t size = i * 8;
    table[i] = size <= 8     ? 3
               : size <= 16  ? 4
               : size <= 32  ? 5
               : size <= 64  ? 6
               : size <= 96  ? 1
               : size <= 128 ? 7
                             : 2;
  }
  return table;
}();

}  // namespace

unsigned size_class(size_t size) {
  if (size <= 192) return kSmallClasses[(size + 7) / 8];
  return static_cast<unsigned>(std::bit_width(size - 1));
}

size_t size_of_class(unsigned index) {
  if (index == 0) return 0;
  return index == 1 ? 96 : index == 2 ? 192 : size_t{1} << index;
}

size_t natural_alignment(size_t size) {
  size_t power = size & -size;  // of a power of two, all of it
  return std::clamp<size_t>(power, kLeastAlignment, kPageBytes);
}

size_t round_up_to_class(size_t size) {
  if (!size) return 0;
  if (size <= kLargestClass) return size_of_class(size_class(size));
  if (size > kLargestObject) return size;
  return std::bit_ceil((size + kPageBytes - 1) >> kPageShift) << kPageShift;
}

Heap::Heap(PageAllocator& pages) : pages_(pages) {}
Heap::~Heap() = default;

void Heap::make_size_classes() {
  for (bool dma : {false, true}) {
    for (unsigned index = 1; index < kSizeClasses; index++) {
      size_t size = size_of_class(index);
      std::string text = size < 1024 ? fmt::format("{}", size) : fmt::format("{}k", size / 1024);
      Cache* cache = create_cache({.name = (dma ? "dma-kmalloc-" : "kmalloc-") + text,
                                   .size = size,
                                   .align = natural_alignment(size),
                                   .dma = dma,
                                   .user_offset = 0,
                                   .user_size = size});
      cache->is_size_class = true;
      classes_[dma][index] = cache;
    }
  }
}

void* Heap::allocate(const Allocation& request) {
  if (request.may_fail && pages_.fail_point().should_fail(request.owner)) return nullptr;
  if (request.size > kLargestClass || request.align > kPageBytes) return take_large(request);
  size_t size = request.size;
  if (request.align > kLeastAlignment && request.align > natural_alignment(size))
    size = std::bit_ceil(std::max(size, request.align));
  return take(*classes_[request.dma][size_class(size)], request);
}

void* Heap::allocate(Cache& cache, const Allocation& request) {
  if (request.may_fail && pages_.fail_point().should_fail(request.owner)) return nullptr;
  return take(cache, request);
}

Cache* Heap::create_cache(CacheOptions options) {
  std::unique_ptr<Cache> cache = make_cache(std::move(options));
  Cache* result = cache.get();
  SpinGuard guard(lock_);
  caches_.push_back(std::move(cache));
  return result;
}

uint64_t Heap::destroy_cache(Cache* cache) {
  if (uint64_t live = cache->live()) return live;
  empty_cache(*cache);
  SpinGuard guard(lock_);
  auto at = std::find_if(caches_.begin(), caches_.end(),
                         [cache](const auto& item) { return item.get() == cache; });
  if (at == caches_.end()) return 0;
  retired_.push_back(std::move(*at));
  caches_.erase(at);
  return 0;
}

bool Heap::is_cache(const Cache* cache) {
  SpinGuard guard(lock_);
  return std::any_of(caches_.begin(), caches_.end(),
                     [cache](const auto& item) { return item.get() == cache; });
}

void Heap::for_each_cache(const std::function<void(Cache&)>& fn) {
  std::vector<Cache*> caches;
  {
    SpinGuard guard(lock_);
    for (const auto& cache : caches_) caches.push_back(cache.get());
  }
  for (Cache* cache : caches) fn(*cache);
}

void Heap::drop_caches() {
  caches_.clear();
  retired_.clear();
}

}  // namespace ring3::machine
