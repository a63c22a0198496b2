// SPDX-License-Identifier: GPL-2.0-only
// The guarded heap: every object ends right before an unreadable page, and a freed object stays
// unreadable until it leaves a long quarantine. An overrun or a use after free is then a page fault
// at the guilty instruction, in modules that were never recompiled; find() tells which object it
// was, who allocated and who freed it. Bytes in the object's first and last page that are not the
// object's hold a pattern that is checked when the object is freed, for what the page is too coarse
// for (alignment leaves a few bytes at the end; an underrun stays inside the page).
//
// The host limits how many ranges of different protection a process may have, so at most
// `most_objects` live at a time in this way; what comes beyond, and caches whose freed objects must
// stay readable (SLAB_TYPESAFE_BY_RCU), is served by a fast heap and counted.
#pragma once

#include <deque>

#include "machine/memory/fast_heap.h"

namespace ring3::machine {

struct GuardOptions {
  uint64_t quarantine_pages = 64 << 10;  // 256 MiB of addresses; no memory behind them
  uint64_t most_objects = 20'000;        // two host mappings each; the host's limit is 65,530
};

class GuardedHeap final : public Heap {
 public:
  GuardedHeap(PageAllocator& pages, const GuardOptions& options);
  ~GuardedHeap() override;

  bool free(const void* object, uint64_t caller, Cache* expected) override;
  std::optional<HeapObject> find(uint64_t address) override;
  void for_each_object(uint64_t owner_begin, uint64_t owner_end,
                       const std::function<void(const HeapObject&)>& fn) override;
  bool resize(const void* object, size_t size) override;
  size_t room(const void* object) override;

  struct Statistics {
    uint64_t live = 0;
    uint64_t quarantined = 0;
    uint64_t unguarded = 0;  // allocations that the fast heap served
  };
  Statistics statistics();

 protected:
  std::unique_ptr<Cache> make_cache(CacheOptions options) override;
  void* take(Cache& cache, const Allocation& request) override;
  void* take_large(const Allocation& request) override;
  void empty_cache(Cache& cache) override;

 private:
  struct GuardedCache;
  // A guarded object's block: pages that nobody may touch, but for those that hold the object.
  struct Guarded {
    uint64_t pfn = 0;  // of the block; 0: a spare descriptor
    unsigned order = 0;
    uint64_t pages = 0;  // accessible while live, right before the block's last page
    HeapObject object;
    GuardedCache* cache = nullptr;
  };
  void* take_guarded(GuardedCache* cache, size_t size, size_t align, const Allocation& request);
  uint64_t data_begin(const Guarded& guarded) const;
  uint64_t data_end(const Guarded& guarded) const;
  std::optional<uint64_t> first_change(const Guarded& guarded) const;
  Guarded* at(uint64_t address) const;
  void set_tags(const Guarded& guarded, void* tag);
  void retire(Guarded& guarded, uint64_t caller);
  void leave_quarantine(std::vector<Guarded>& leaving);
  void free_blocks(const std::vector<Guarded>& leaving);

  const GuardOptions options_;
  FastHeap fast_;
  SpinLock lock_;  // guards what follows and every Guarded
  std::vector<std::unique_ptr<Guarded>> all_;
  std::vector<Guarded*> spare_;
  std::deque<Guarded*> quarantine_;
  uint64_t quarantined_pages_ = 0;
  uint64_t live_ = 0;
  uint64_t unguarded_ = 0;
};

}  // namespace ring3::machine
