// SPDX-License-Identifier: GPL-2.0-only
// The machine's physical memory: one memory file, mapped shared at the direct map, with an array of
// Linux's struct page beside it. Physical address 0 is the file's first byte, so that the
// arithmetic that modules carry inlined (__phys_addr_nodebug, pfn_to_page, lowmem_page_address)
// holds with page_offset_base = direct_map(), vmemmap_base = page_array() and phys_base = 0. The
// same file is mapped again wherever pages must appear a second time (vmalloc, a user's mmap).
//
// Memory is sparse: a page costs the host nothing until it is touched.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace ring3::machine {

inline constexpr unsigned kPageShift = 12;
inline constexpr uint64_t kPageBytes = 1ull << kPageShift;

class Ram {
 public:
  struct Options {
    uint64_t size = 1ull << 30;       // rounded up to 4 MiB
    uint64_t page_struct_size = 64;   // sizeof(struct page) of the target
    uint64_t alignment = 1ull << 30;  // of the direct map
  };
  Ram() = default;
  ~Ram() { destroy(); }
  Ram(const Ram&) = delete;
  Ram& operator=(const Ram&) = delete;

  Result<void> create(const Options& options);
  void destroy();

  uint64_t direct_map() const { return direct_map_; }
  uint64_t page_array() const { return page_array_; }
  uint64_t size() const { return size_; }
  uint64_t page_count() const { return size_ >> kPageShift; }
  int file() const { return file_; }

  // Does a kernel address lie in the direct map?
  bool contains(uint64_t address) const { return address - direct_map_ < size_; }
  uint64_t pfn_of(uint64_t address) const { return (address - direct_map_) >> kPageShift; }
  uint64_t address_of(uint64_t pfn) const { return direct_map_ + (pfn << kPageShift); }
  // struct page and back.
  uint64_t page_of(uint64_t pfn) const { return page_array_ + pfn * page_struct_size_; }
  bool is_page(uint64_t page) const {
    return page - page_array_ < page_count() * page_struct_size_ &&
           (page - page_array_) % page_struct_size_ == 0;
  }
  uint64_t pfn_of_page(uint64_t page) const { return (page - page_array_) / page_struct_size_; }

  // Pages [pfn, pfn + count) once more at `address` (in a reservation of the caller's).
  Result<void> map_again(uint64_t address, uint64_t pfn, uint64_t count) const;
  // The host may have the memory of these pages back; they read as zeros.
  void give_back(uint64_t pfn, uint64_t count) const;

 private:
  int file_ = -1;
  uint64_t direct_map_ = 0;
  uint64_t size_ = 0;
  uint64_t page_array_ = 0;
  uint64_t page_array_size_ = 0;
  uint64_t page_struct_size_ = 1;
};

}  // namespace ring3::machine
