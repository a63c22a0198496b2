// SPDX-License-Identifier: GPL-2.0-only
// Virtually contiguous memory: vmalloc() and vmap(). An area is pages of RAM mapped a second time,
// so vmalloc_to_page() and a user's mmap() of it work as on Linux. Behind every area is an
// unreadable page, and addresses are handed out round the whole space, so what was freed stays
// unreadable for long: both are free finders of overruns and late uses.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "machine/memory/page_allocator.h"

namespace ring3::machine {

struct VmallocRequest {
  uint64_t size = 0;
  bool zero = false;
  bool dma = false;
  bool may_fail = true;
  bool user = false;  // may be mapped to user space (vmalloc_user)
  uint64_t owner = 0;
};

class VmallocSpace {
 public:
  ~VmallocSpace() { destroy(); }
  Result<void> create(PageAllocator& pages, uint64_t size = 32ull << 30);
  void destroy();

  uint64_t begin() const { return begin_; }
  uint64_t end() const { return begin_ + size_; }
  bool contains(uint64_t address) const { return address - begin_ < size_; }

  uint64_t allocate(const VmallocRequest& request);  // 0: no memory
  // Maps pages that are somebody else's. `owns`: free() drops them too (VM_MAP_PUT_PAGES).
  uint64_t map(const std::vector<uint64_t>& pfns, bool owns, uint64_t owner);
  // False, with a report: not the beginning of an area.
  bool free(uint64_t address, uint64_t caller);

  struct Area {
    uint64_t address = 0;
    uint64_t size = 0;  // asked for
    uint64_t owner = 0;
    bool owns_pages = true;
    bool user = false;
    std::vector<uint32_t> pages;  // pfn of each
  };
  std::optional<Area> find(uint64_t address) const;  // the area around an address
  uint64_t pfn_at(uint64_t address) const;           // kNoPage: nothing is mapped there
  uint64_t size_at(uint64_t address) const;          // of the area that begins there, else 0
  void for_each_area(const std::function<void(const Area&)>& fn) const;
  uint64_t pages_in_use() const;

 private:
  bool take_pages(const VmallocRequest& request, std::vector<uint32_t>& pages);
  void drop_pages(const std::vector<uint32_t>& pages, uint64_t caller);
  uint64_t place(Area area);
  const Area* around(uint64_t address) const;

  PageAllocator* allocator_ = nullptr;
  uint64_t begin_ = 0;
  uint64_t size_ = 0;
  mutable SpinLock lock_;  // guards what follows
  std::map<uint64_t, Area> areas_;
  uint64_t search_from_ = 0;
};

}  // namespace ring3::machine
