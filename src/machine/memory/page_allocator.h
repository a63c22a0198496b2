// SPDX-License-Identifier: GPL-2.0-only
// Pages of RAM in blocks of 2^0 to 2^10, by the buddy method. Two zones as on a PC: the first 16
// MiB (GFP_DMA asks for it; everybody else gets it last) and the rest. The first MiB is never given
// out, so no driver meets physical address 0.
//
// A free block knows whether it is clean (never used since the host gave it): then zeroing on
// request costs nothing. Freed memory stays with the process, because a load and unload of a module
// touches the same few pages again and again; trim() gives whole free 4 MiB blocks back.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "machine/memory/fail_point.h"
#include "machine/memory/ram.h"
#include "machine/memory/report.h"
#include "machine/spinlock.h"

namespace ring3::machine {

inline constexpr unsigned kMaxOrder = 10;
inline constexpr uint32_t kNoPage = ~0u;

// What a block of pages serves.
enum class PageUse : uint8_t {
  kReserved,  // never given out
  kFree,
  kPages,  // alloc_pages()
  kHeap,   // a slab or a large object
  kVmalloc,
};

// The allocator's note about a page; Linux's struct page is the module's and is not trusted. All
// pages of an allocated block know its first page.
struct PageInfo {
  std::atomic<PageUse> use{PageUse::kReserved};
  uint8_t order = 0;   // of the block; valid at its first page
  bool clean = false;  // free blocks
  bool first = false;  // of a block, free or not
  uint32_t head = 0;   // pfn of the block's first page
  uint32_t next = 0;   // free list
  uint32_t previous = 0;
  std::atomic<void*> tag{};  // the heap's
  uint64_t owner = 0;        // call site
};
static_assert(sizeof(PageInfo) == 32);

struct PageRequest {
  unsigned order = 0;
  bool zero = false;
  bool dma = false;  // below 16 MiB
  PageUse use = PageUse::kPages;
  uint64_t owner = 0;
};

// How the kernel API's face keeps struct page in step. Called without locks.
struct PageHooks {
  void (*allocated)(uint64_t pfn, unsigned order, PageUse use) = nullptr;
  void (*freed)(uint64_t pfn, unsigned order) = nullptr;
  // Drops vmalloc's reference to a page; true when it was the last and the page may be freed.
  bool (*drop)(uint64_t pfn) = nullptr;
};

class PageAllocator {
 public:
  PageAllocator() = default;
  ~PageAllocator() { destroy(); }
  Result<void> create(Ram& ram, const PageHooks& hooks, MemoryReporter report);
  void destroy();

  // The first page's number, or kNoPage.
  uint64_t allocate(const PageRequest& request);
  // False, and a report: not an allocated block of that order.
  bool free(uint64_t pfn, unsigned order, uint64_t caller);
  // An allocated block becomes blocks of 2^order pages that are freed one by one.
  bool split(uint64_t pfn, unsigned order = 0);
  // The block that holds a page, when it is allocated.
  struct Block {
    uint64_t pfn;
    unsigned order;
    PageUse use;
    uint64_t owner;
  };
  bool find(uint64_t pfn, Block& block) const;
  PageInfo& info(uint64_t pfn) const { return infos_[pfn]; }

  // Blocks of alloc_pages() (not the heap's, not vmalloc's).
  void for_each_block(const std::function<void(const Block&)>& fn) const;
  uint64_t trim();  // pages given back to the host

  struct Statistics {
    uint64_t total_pages = 0;  // that can be given out
    uint64_t free_pages = 0;
    uint64_t allocations = 0;
    uint64_t frees = 0;
    uint64_t failures = 0;
    uint64_t free_blocks[kMaxOrder + 1] = {};
  };
  Statistics statistics() const;
  uint64_t free_pages() const { return free_pages_.load(std::memory_order_relaxed); }
  uint64_t total_pages() const { return total_pages_; }
  // No page at or above was ever given out.
  uint64_t used_end() const;
  Ram& ram() const { return *ram_; }
  const PageHooks& hooks() const { return hooks_; }
  FailPoint& fail_point() { return fail_point_; }
  void report(const MemoryReport& report) const {
    if (report_) report_(report);
  }

 private:
  struct Zone {
    uint64_t begin = 0, end = 0;
    // From here to the end nothing was ever given out: whole free blocks of the highest order, not
    // in the lists, so that a start touches none of their PageInfo.
    uint64_t untouched = 0;
    uint32_t lists[kMaxOrder + 1];
    uint64_t counts[kMaxOrder + 1] = {};
  };
  void push(Zone& zone, uint64_t pfn, unsigned order, bool clean);
  void remove(Zone& zone, uint64_t pfn);
  bool take(Zone& zone, unsigned order, uint64_t& pfn, bool& clean);
  void give(Zone& zone, uint64_t pfn, unsigned order, bool clean);
  Zone& zone_of(uint64_t pfn) { return zones_[pfn >= zones_[1].begin]; }

  Ram* ram_ = nullptr;
  PageHooks hooks_;
  MemoryReporter report_;
  FailPoint fail_point_;
  mutable SpinLock lock_;  // guards the zones and the PageInfo of free blocks
  Zone zones_[2];          // DMA, normal
  PageInfo* infos_ = nullptr;
  uint64_t infos_size_ = 0;
  uint64_t total_pages_ = 0;
  std::atomic<uint64_t> free_pages_{0};
  uint64_t allocations_ = 0, frees_ = 0, failures_ = 0;
};

}  // namespace ring3::machine
