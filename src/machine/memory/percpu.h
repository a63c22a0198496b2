// SPDX-License-Identifier: GPL-2.0-only
// Per-CPU memory: one area for each CPU, and an allocator of places that are the same in all of
// them. What the kernel calls a per-CPU pointer is the place itself, a small number; a CPU's copy
// lies at area(cpu) + place, and %gs of the CPU's thread points at its area. The first 48 bytes are
// kapi::GsArea, then come the kernel API's own per-CPU variables (their places are known before the
// areas exist), then modules' sections and alloc_percpu().
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/result.h"
#include "machine/memory/fail_point.h"
#include "machine/memory/report.h"
#include "machine/spinlock.h"

namespace ring3::machine {

class PerCpu {
 public:
  struct Options {
    unsigned cpus = 1;
    uint64_t area_size = 32ull << 20;  // addresses; memory comes with the first touch
    uint64_t static_size = 48;         // the end of GsArea and of the kernel API's variables
    FailPoint* fail_point = nullptr;
    MemoryReporter report;
  };
  ~PerCpu() { destroy(); }
  Result<void> create(const Options& options);
  void destroy();

  unsigned cpus() const { return cpus_; }
  uint64_t area(unsigned cpu) const { return base_ + cpu * stride_; }
  std::vector<uint64_t> areas() const;
  // More for the static part, while nothing has been allocated.
  bool reserve_static(uint64_t bytes);

  // Zeroed in every area; 0: no room. `align` is a power of two up to 4096.
  uint64_t allocate(uint64_t size, uint64_t align, uint64_t owner, bool may_fail = true);
  bool free(uint64_t place, uint64_t caller);  // false, with a report: no allocation
  void* at(unsigned cpu, uint64_t place) const {
    return reinterpret_cast<void*>(area(cpu) + place);
  }
  // Which CPU's copy of which place an address is.
  struct Position {
    unsigned cpu;
    uint64_t place;
  };
  std::optional<Position> find(uint64_t address) const;
  // An address behind an area, where every offset below 2 GiB that is no place leads, unreadable:
  // the offset. The trap of a missing per-CPU variable is one (kapi::Binding).
  std::optional<uint64_t> place_behind(uint64_t address) const;

  struct Block {
    uint64_t place;
    uint64_t size;
    uint64_t owner;
  };
  void for_each_block(const std::function<void(const Block&)>& fn) const;
  uint64_t bytes_in_use() const;

 private:
  void zero(uint64_t place, uint64_t size) const;

  uint64_t base_ = 0;
  uint64_t stride_ = 0;
  uint64_t area_size_ = 0;
  unsigned cpus_ = 0;
  FailPoint* fail_point_ = nullptr;
  MemoryReporter report_;
  mutable SpinLock lock_;              // guards what follows
  std::map<uint64_t, uint64_t> free_;  // place -> size; neighbours are always merged
  std::map<uint64_t, Block> used_;
};

}  // namespace ring3::machine
