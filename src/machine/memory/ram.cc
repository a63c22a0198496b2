// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memory/ram.h"

#include <fmt/format.h>

#include "host/memory.h"

namespace ring3::machine {

Result<void> Ram::create(const Options& options) {
  destroy();
  constexpr uint64_t kUnit = 4ull << 20;  // the largest block of the page allocator
  if (options.size < kUnit || options.page_struct_size < 16)
    return Error{EINVAL, fmt::format("the machine needs at least 4 MiB of memory (asked: {} bytes) "
                                     "and a struct page of 16 bytes or more (told: {})",
                                     options.size, options.page_struct_size)};
  size_ = (options.size + kUnit - 1) / kUnit * kUnit;
  page_struct_size_ = options.page_struct_size;
  page_array_size_ = host::page_up(page_count() * page_struct_size_);
  auto fail = [this](Error error) {
    destroy();
    return error;
  };
  auto file = host::create_memory_file("ring3-ram", size_);
  if (!file) return fail(file.take_error());
  file_ = *file;
  auto direct_map = host::reserve(0, size_, options.alignment);
  if (!direct_map) return fail(direct_map.take_error());
  direct_map_ = *direct_map;
  auto mapped = host::map_file_shared(direct_map_, size_, file_, 0);
  if (!mapped) return fail(mapped.take_error());
  auto array = host::reserve(0, page_array_size_);
  if (!array) return fail(array.take_error());
  page_array_ = *array;
  auto committed = host::commit(page_array_, page_array_size_, host::Protection::kReadWrite);
  if (!committed) return fail(committed.take_error());
  return {};
}

void Ram::destroy() {
  if (page_array_) host::release(page_array_, page_array_size_);
  if (direct_map_) host::release(direct_map_, size_);
  if (file_ >= 0) host::close_fd(file_);
  file_ = -1;
  direct_map_ = size_ = page_array_ = page_array_size_ = 0;
}

Result<void> Ram::map_again(uint64_t address, uint64_t pfn, uint64_t count) const {
  if (pfn >= page_count() || count > page_count() - pfn)
    return Error{EINVAL, fmt::format("pages {:#x}-{:#x} are not in the machine's memory of {} MiB",
                                     pfn, pfn + count, size_ >> 20)};
  return host::map_file_shared(address, count << kPageShift, file_, pfn << kPageShift);
}

void Ram::give_back(uint64_t pfn, uint64_t count) const {
  host::punch_hole(file_, pfn << kPageShift, count << kPageShift);
}

}  // namespace ring3::machine
