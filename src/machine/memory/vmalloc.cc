// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memory/vmalloc.h"

#include <algorithm>
#include <bit>

#include "host/memory.h"

namespace ring3::machine {
namespace {

uint64_t pages_of(uint64_t size) { return (size + kPageBytes - 1) >> kPageShift; }

}  // namespace

Result<void> VmallocSpace::create(PageAllocator& pages, uint64_t size) {
  destroy();
  begin_ = TRY(host::reserve(0, size, 1ull << 30));
  size_ = size;
  allocator_ = &pages;
  search_from_ = begin_;
  return {};
}

void VmallocSpace::destroy() {
  if (size_) host::release(begin_, size_);
  begin_ = size_ = 0;
  areas_.clear();
}

// As large blocks as there are: each run of neighbours is one mapping.
bool VmallocSpace::take_pages(const VmallocRequest& request, std::vector<uint32_t>& pages) {
  uint64_t wanted = pages_of(request.size);
  if (wanted > allocator_->free_pages()) return false;
  pages.reserve(wanted);
  unsigned most = kMaxOrder;
  while (pages.size() < wanted) {
    uint64_t rest = wanted - pages.size();
    unsigned order = std::min<unsigned>(most, static_cast<unsigned>(std::bit_width(rest)) - 1);
    uint64_t pfn = allocator_->allocate({.order = order,
                                         .zero = request.zero,
                                         .dma = request.dma,
                                         .use = PageUse::kVmalloc,
                                         .owner = request.owner});
    if (pfn == kNoPage) {
      if (order == 0) {
        for (uint32_t page : pages) allocator_->free(page, 0, request.owner);
        return false;
      }
      most = order - 1;
      continue;
    }
    allocator_->split(pfn);
    for (uint64_t i = 0; i < (1ull << order); i++) pages.push_back(static_cast<uint32_t>(pfn + i));
  }
  return true;
}

void VmallocSpace::drop_pages(const std::vector<uint32_t>& pages, uint64_t caller) {
  auto drop = allocator_->hooks().drop;
  for (uint32_t pfn : pages)
    if (!drop || drop(pfn)) allocator_->free(pfn, 0, caller);
}

// A place for the area, from where the last one ended; its pages are mapped there.
uint64_t VmallocSpace::place(Area area) {
  uint64_t bytes = area.pages.size() << kPageShift;
  uint64_t needed = bytes + kPageBytes;
  if (needed > size_) return 0;
  uint64_t address = 0;
  {
    SpinGuard guard(lock_);
    for (uint64_t from : {search_from_, begin_}) {
      uint64_t at = from;
      auto next = areas_.lower_bound(at);
      if (next != areas_.begin()) {
        const Area& before = std::prev(next)->second;
        at = std::max(at, before.address + (before.pages.size() << kPageShift) + kPageBytes);
      }
      for (; next != areas_.end() && next->first - at < needed; ++next)
        at = next->first + (next->second.pages.size() << kPageShift) + kPageBytes;
      if (at <= end() && end() - at >= needed) {
        address = at;
        break;
      }
    }
    if (!address) return 0;
    search_from_ = address + needed;
    area.address = address;
    areas_[address] = area;
  }
  for (size_t i = 0; i < area.pages.size();) {
    size_t run = 1;
    while (i + run < area.pages.size() && area.pages[i + run] == area.pages[i] + run) run++;
    if (!allocator_->ram().map_again(address + (i << kPageShift), area.pages[i], run).ok()) {
      (void)host::decommit(address, bytes);
      SpinGuard guard(lock_);
      areas_.erase(address);
      return 0;
    }
    i += run;
  }
  return address;
}

uint64_t VmallocSpace::allocate(const VmallocRequest& request) {
  if (!request.size || request.size > size_) return 0;
  if (request.may_fail && allocator_->fail_point().should_fail(request.owner)) return 0;
  Area area{.size = request.size, .owner = request.owner, .user = request.user, .pages = {}};
  if (!take_pages(request, area.pages)) return 0;
  uint64_t address = place(area);
  if (!address) drop_pages(area.pages, request.owner);
  return address;
}

uint64_t VmallocSpace::map(const std::vector<uint64_t>& pfns, bool owns, uint64_t owner) {
  if (pfns.empty() || allocator_->fail_point().should_fail(owner)) return 0;
  Area area{.size = pfns.size() << kPageShift, .owner = owner, .owns_pages = owns, .pages = {}};
  for (uint64_t pfn : pfns) {
    if (pfn >= allocator_->ram().page_count()) return 0;
    area.pages.push_back(static_cast<uint32_t>(pfn));
  }
  return place(std::move(area));
}

bool VmallocSpace::free(uint64_t address, uint64_t caller) {
  Area area;
  {
    SpinGuard guard(lock_);
    auto found = areas_.find(address);
    if (found != areas_.end()) {
      // Nobody gets these addresses before they are unmapped.
      area = std::move(found->second);
      (void)host::decommit(address, area.pages.size() << kPageShift);
      areas_.erase(found);
    }
  }
  if (!area.address) {
    allocator_->report(
        {.kind = MemoryReport::kBadVmallocFree, .address = address, .caller = caller});
    return false;
  }
  if (area.owns_pages) drop_pages(area.pages, caller);
  return true;
}

const VmallocSpace::Area* VmallocSpace::around(uint64_t address) const {
  auto after = areas_.upper_bound(address);
  if (after == areas_.begin()) return nullptr;
  const Area& area = std::prev(after)->second;
  return address - area.address < (area.pages.size() << kPageShift) ? &area : nullptr;
}

std::optional<VmallocSpace::Area> VmallocSpace::find(uint64_t address) const {
  SpinGuard guard(lock_);
  const Area* area = around(address);
  return area ? std::optional(*area) : std::nullopt;
}

uint64_t VmallocSpace::pfn_at(uint64_t address) const {
  SpinGuard guard(lock_);
  const Area* area = around(address);
  return area ? area->pages[(address - area->address) >> kPageShift] : kNoPage;
}

uint64_t VmallocSpace::size_at(uint64_t address) const {
  SpinGuard guard(lock_);
  auto found = areas_.find(address);
  return found == areas_.end() ? 0 : found->second.size;
}

void VmallocSpace::for_each_area(const std::function<void(const Area&)>& fn) const {
  std::vector<Area> areas;
  {
    SpinGuard guard(lock_);
    for (auto& [address, area] : areas_) areas.push_back(area);
  }
  for (const Area& area : areas) fn(area);
}

uint64_t VmallocSpace::pages_in_use() const {
  SpinGuard guard(lock_);
  uint64_t total = 0;
  for (auto& [address, area] : areas_) total += area.pages.size();
  return total;
}

}  // namespace ring3::machine
