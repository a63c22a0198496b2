// SPDX-License-Identifier: GPL-2.0-only
// Module space: the fixed window in the low 2 GiB where modules, the entry thunks of the kernel API
// and exported data live (DESIGN section 5: R_X86_64_32S and PC32/PLT32 must reach everything in
// it; per-CPU symbols are small numbers that PC32 reaches from here as well). One window per
// process. Addresses are handed out page-wise, best fit; freed pages are unreadable
// until used again.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>

#include "base/address.h"
#include "base/result.h"
#include "host/memory.h"

namespace ring3::link {

inline constexpr uint64_t kModuleSpaceBase = 0x1000'0000;
inline constexpr uint64_t kModuleSpaceEnd = 0x7000'0000;  // asan's shadow begins at 0x7fff8000

class ModuleSpace {
 public:
  static ModuleSpace& instance();  // reserves the window on first use

  // `size` bytes (rounded up to pages), zeroed, read-write. There is always an unreadable page
  // behind.
  Result<KernelAddress> allocate(uint64_t size);
  void free(KernelAddress address, uint64_t size);
  // Gives back the first `front` bytes (whole pages) of an allocation, which goes on behind them.
  void free_front(KernelAddress address, uint64_t size, uint64_t front);

  [[gnu::always_inline]] static bool contains(uint64_t address) {
    return address >= kModuleSpaceBase && address < kModuleSpaceEnd;
  }
  uint64_t bytes_in_use() const;

 private:
  ModuleSpace();
  mutable std::mutex mutex_;
  std::map<uint64_t, uint64_t> used_;  // begin -> end, guard page included
  uint64_t bytes_in_use_ = 0;
  // Holes, by address and by size: thousands of modules leave thousands of them, each where init
  // memory was.
  void take_hole(uint64_t begin, uint64_t end);
  void add_hole(uint64_t begin, uint64_t end);
  std::map<uint64_t, uint64_t> free_;                     // begin -> end
  std::set<std::pair<uint64_t, uint64_t>> free_by_size_;  // size, begin
};

}  // namespace ring3::link
