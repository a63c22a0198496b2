// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memory/page_allocator.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "host/memory.h"

namespace ring3::machine {
namespace {

constexpr uint64_t kFirstPage = 256;     // 1 MiB
constexpr uint64_t kDmaPages = 16 << 8;  // 16 MiB

constexpr uint64_t pages_in(unsigned order) { return 1ull << order; }
constexpr uint64_t kLargestBlock = pages_in(kMaxOrder);
constexpr uint64_t align_up(uint64_t pfn) {
  return (pfn + kLargestBlock - 1) & ~(kLargestBlock - 1);
}

}  // namespace

Result<void> PageAllocator::create(Ram& ram, const PageHooks& hooks, MemoryReporter report) {
  destroy();
  ram_ = &ram;
  hooks_ = hooks;
  report_ = std::move(report);
  infos_size_ = host::page_up(ram.page_count() * sizeof(PageInfo));
  uint64_t at = TRY(host::reserve(0, infos_size_));
  infos_ = reinterpret_cast<PageInfo*>(at);  // fresh zeros are valid PageInfos: reserved
  TRY(host::commit(at, infos_size_, host::Protection::kReadWrite));
  uint64_t border = std::min(kDmaPages, ram.page_count());
  for (unsigned i = 0; i < 2; i++) {
    Zone& zone = zones_[i] = Zone{};
    zone.begin = i ? border : kFirstPage;
    zone.end = i ? ram.page_count() : border;
    zone.untouched = std::min(zone.end, align_up(zone.begin));
    std::fill(std::begin(zone.lists), std::end(zone.lists), kNoPage);
    // What lies before the first whole block. (RAM itself is a multiple of it.)
    for (uint64_t pfn = zone.begin; pfn < zone.untouched;) {
      unsigned order = static_cast<unsigned>(std::countr_zero(pfn));
      push(zone, pfn, order, true);
      pfn += pages_in(order);
    }
    total_pages_ += zone.end - zone.begin;
  }
  free_pages_ = total_pages_;
  return {};
}

void PageAllocator::destroy() {
  if (infos_) host::release(reinterpret_cast<uint64_t>(infos_), infos_size_);
  infos_ = nullptr;
  total_pages_ = allocations_ = frees_ = failures_ = 0;
  free_pages_ = 0;
}

void PageAllocator::push(Zone& zone, uint64_t pfn, unsigned order, bool clean) {
  PageInfo& info = infos_[pfn];
  info.use.store(PageUse::kFree, std::memory_order_relaxed);
  info.order = static_cast<uint8_t>(order);
  info.clean = clean;
  info.first = true;
  info.previous = kNoPage;
  info.next = zone.lists[order];
  if (info.next != kNoPage) infos_[info.next].previous = static_cast<uint32_t>(pfn);
  zone.lists[order] = static_cast<uint32_t>(pfn);
  zone.counts[order]++;
}

void PageAllocator::remove(Zone& zone, uint64_t pfn) {
  PageInfo& info = infos_[pfn];
  if (info.next != kNoPage) infos_[info.next].previous = info.previous;
  if (info.previous != kNoPage)
    infos_[info.previous].next = info.next;
  else
    zone.lists[info.order] = info.next;
  zone.counts[info.order]--;
  info.first = false;
}

bool PageAllocator::take(Zone& zone, unsigned order, uint64_t& pfn, bool& clean) {
  for (unsigned at = order; at <= kMaxOrder; at++) {
    if (zone.lists[at] == kNoPage) continue;
    pfn = zone.lists[at];
    clean = infos_[pfn].clean;
    remove(zone, pfn);
    while (at > order) {
      at--;
      push(zone, pfn + pages_in(at), at, clean);
    }
    return true;
  }
  if (zone.untouched >= zone.end) return false;
  pfn = zone.untouched;
  clean = true;
  zone.untouched += kLargestBlock;
  for (unsigned at = kMaxOrder; at > order;) {
    at--;
    push(zone, pfn + pages_in(at), at, true);
  }
  return true;
}

uint64_t PageAllocator::used_end() const {
  SpinGuard guard(lock_);
  return zones_[1].untouched > zones_[1].begin ? zones_[1].untouched : zones_[0].untouched;
}

void PageAllocator::give(Zone& zone, uint64_t pfn, unsigned order, bool clean) {
  for (; order < kMaxOrder; order++) {
    uint64_t buddy = pfn ^ pages_in(order);
    if (buddy < zone.begin || buddy + pages_in(order) > zone.end) break;
    PageInfo& info = infos_[buddy];
    if (!info.first || info.order != order ||
        info.use.load(std::memory_order_relaxed) != PageUse::kFree)
      break;
    clean = clean && info.clean;
    remove(zone, buddy);
    pfn = std::min(pfn, buddy);
  }
  push(zone, pfn, order, clean);
}

uint64_t PageAllocator::allocate(const PageRequest& request) {
  uint64_t pfn = kNoPage;
  bool clean = false;
  {
    SpinGuard guard(lock_);
    if (request.order > kMaxOrder ||
        (!(!request.dma && take(zones_[1], request.order, pfn, clean)) &&
         !take(zones_[0], request.order, pfn, clean))) {
      failures_++;
      return kNoPage;
    }
    allocations_++;
    free_pages_.fetch_sub(pages_in(request.order), std::memory_order_relaxed);
    for (uint64_t i = 0; i < pages_in(request.order); i++) {
      PageInfo& info = infos_[pfn + i];
      info.head = static_cast<uint32_t>(pfn);
      info.first = i == 0;
      info.tag.store(nullptr, std::memory_order_relaxed);
      info.use.store(request.use, std::memory_order_relaxed);
    }
    infos_[pfn].order = static_cast<uint8_t>(request.order);
    infos_[pfn].owner = request.owner;
  }
  if (request.zero && !clean)
    std::memset(reinterpret_cast<void*>(ram_->address_of(pfn)), 0, kPageBytes << request.order);
  if (hooks_.allocated) hooks_.allocated(pfn, request.order, request.use);
  return pfn;
}

bool PageAllocator::free(uint64_t pfn, unsigned order, uint64_t caller) {
  auto allocated = [&] {
    if (pfn >= ram_->page_count() || !infos_[pfn].first || infos_[pfn].order != order) return false;
    PageUse use = infos_[pfn].use.load(std::memory_order_relaxed);
    return use != PageUse::kFree && use != PageUse::kReserved;
  };
  bool good;
  {
    SpinGuard guard(lock_);
    good = allocated();
    // Nobody else may free it meanwhile: from here on it is ours.
    if (good)
      for (uint64_t i = 0; i < pages_in(order); i++) {
        infos_[pfn + i].use.store(PageUse::kReserved, std::memory_order_relaxed);
        infos_[pfn + i].tag.store(nullptr, std::memory_order_relaxed);
        infos_[pfn + i].first = false;
      }
  }
  if (!good) {
    uint64_t address = pfn < ram_->page_count() ? ram_->address_of(pfn) : pfn << kPageShift;
    report({.kind = MemoryReport::kBadPageFree, .address = address, .caller = caller});
    return false;
  }
  if (hooks_.freed) hooks_.freed(pfn, order);
  SpinGuard guard(lock_);
  frees_++;
  free_pages_.fetch_add(pages_in(order), std::memory_order_relaxed);
  give(zone_of(pfn), pfn, order, false);
  return true;
}

bool PageAllocator::split(uint64_t pfn, unsigned order) {
  SpinGuard guard(lock_);
  if (pfn >= ram_->page_count()) return false;
  PageInfo& head = infos_[pfn];
  PageUse use = head.use.load(std::memory_order_relaxed);
  if (!head.first || use == PageUse::kFree || use == PageUse::kReserved || head.order < order)
    return false;
  for (uint64_t at = pfn; at < pfn + pages_in(head.order); at++) {
    PageInfo& info = infos_[at];
    uint64_t part = at & ~(pages_in(order) - 1);
    info.head = static_cast<uint32_t>(part);
    if (at != part || at == pfn) continue;
    info.first = true;
    info.order = static_cast<uint8_t>(order);
    info.owner = head.owner;
  }
  head.order = static_cast<uint8_t>(order);
  return true;
}

bool PageAllocator::find(uint64_t pfn, Block& block) const {
  if (pfn >= ram_->page_count()) return false;
  SpinGuard guard(lock_);
  // A page inside a free block keeps what it was; its block's first page tells.
  PageUse use = infos_[pfn].use.load(std::memory_order_relaxed);
  if (use == PageUse::kFree || use == PageUse::kReserved) return false;
  const PageInfo& head = infos_[infos_[pfn].head];
  block = {infos_[pfn].head, head.order, use, head.owner};
  return true;
}

void PageAllocator::for_each_block(const std::function<void(const Block&)>& fn) const {
  std::vector<Block> blocks;
  {
    SpinGuard guard(lock_);
    uint64_t end = zones_[1].untouched;
    for (uint64_t pfn = kFirstPage; pfn < end;) {
      if (pfn == zones_[0].untouched && pfn < zones_[1].begin) pfn = zones_[1].begin;
      if (pfn >= end) break;
      const PageInfo& info = infos_[pfn];
      if (!info.first) {
        pfn++;  // a block on its way to the free list
        continue;
      }
      if (info.use.load(std::memory_order_relaxed) == PageUse::kPages)
        blocks.push_back({pfn, info.order, PageUse::kPages, info.owner});
      pfn += pages_in(info.order);
    }
  }
  for (const Block& block : blocks) fn(block);
}

uint64_t PageAllocator::trim() {
  uint64_t given = 0;
  SpinGuard guard(lock_);
  for (Zone& zone : zones_) {
    for (uint32_t pfn = zone.lists[kMaxOrder]; pfn != kNoPage; pfn = infos_[pfn].next) {
      if (infos_[pfn].clean) continue;
      ram_->give_back(pfn, pages_in(kMaxOrder));
      infos_[pfn].clean = true;
      given += pages_in(kMaxOrder);
    }
  }
  return given;
}

PageAllocator::Statistics PageAllocator::statistics() const {
  SpinGuard guard(lock_);
  Statistics result{.total_pages = total_pages_,
                    .free_pages = free_pages(),
                    .allocations = allocations_,
                    .frees = frees_,
                    .failures = failures_};
  for (const Zone& zone : zones_) {
    for (unsigned order = 0; order <= kMaxOrder; order++)
      result.free_blocks[order] += zone.counts[order];
    result.free_blocks[kMaxOrder] += (zone.end - zone.untouched) / kLargestBlock;
  }
  return result;
}

}  // namespace ring3::machine
