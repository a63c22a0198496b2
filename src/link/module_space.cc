// SPDX-License-Identifier: GPL-2.0-only
#include "link/module_space.h"

#include "base/check.h"

namespace ring3::link {

ModuleSpace& ModuleSpace::instance() {
  static ModuleSpace* space = new ModuleSpace();  // lives as long as the process: modules may too
  return *space;
}

ModuleSpace::ModuleSpace() {
  auto reserved = host::reserve(kModuleSpaceBase, kModuleSpaceEnd - kModuleSpaceBase);
  CHECK(reserved.ok(), "module space: {}", reserved.error().text);
  add_hole(kModuleSpaceBase, kModuleSpaceEnd);
}

void ModuleSpace::take_hole(uint64_t begin, uint64_t end) {
  free_.erase(begin);
  free_by_size_.erase({end - begin, begin});
}

// A hole joins its neighbours.
void ModuleSpace::add_hole(uint64_t begin, uint64_t end) {
  auto after = free_.lower_bound(begin);
  if (after != free_.end() && after->first == end) {
    end = after->second;
    take_hole(after->first, end);
  }
  after = free_.lower_bound(begin);
  if (after != free_.begin()) {
    auto before = std::prev(after);
    if (before->second == begin) {
      begin = before->first;
      take_hole(begin, before->second);
    }
  }
  free_.emplace(begin, end);
  free_by_size_.emplace(end - begin, begin);
}

Result<KernelAddress> ModuleSpace::allocate(uint64_t size) {
  uint64_t bytes = host::page_up(size ? size : 1);
  uint64_t length = bytes + host::kPageSize;  // a guard page behind
  uint64_t begin;
  {
    std::lock_guard lock(mutex_);
    // Best fit, the lowest of equals.
    auto fit = free_by_size_.lower_bound({length, 0});
    if (fit == free_by_size_.end())
      return Error{ENOMEM, "module space is full: no " + std::to_string(bytes) +
                               " bytes in one piece below 2 GiB"};
    auto [hole, start] = *fit;
    begin = start;
    take_hole(begin, begin + hole);
    if (hole > length) add_hole(begin + length, begin + hole);
    used_.emplace(begin, begin + length);
    bytes_in_use_ += bytes;
  }
  auto committed = host::commit(begin, bytes, host::Protection::kReadWrite);
  if (!committed) {
    free({begin}, size);
    return committed.take_error();
  }
  return KernelAddress{begin};
}

void ModuleSpace::free(KernelAddress address, uint64_t size) {
  uint64_t bytes = host::page_up(size ? size : 1);
  (void)host::decommit(address.value, bytes);
  std::lock_guard lock(mutex_);
  auto found = used_.find(address.value);
  CHECK(found != used_.end() && found->second == address.value + bytes + host::kPageSize,
        "module space: free of {:#x}+{:#x}, which is not allocated so", address.value, bytes);
  add_hole(found->first, found->second);
  used_.erase(found);
  bytes_in_use_ -= bytes;
}

void ModuleSpace::free_front(KernelAddress address, uint64_t size, uint64_t front) {
  uint64_t bytes = host::page_up(size);
  CHECK(front % host::kPageSize == 0 && front < bytes, "module space: {:#x} of {:#x}", front, size);
  (void)host::decommit(address.value, front);
  std::lock_guard lock(mutex_);
  auto found = used_.find(address.value);
  CHECK(found != used_.end() && found->second == address.value + bytes + host::kPageSize,
        "module space: free of {:#x}+{:#x}, which is not allocated so", address.value, bytes);
  uint64_t end = found->second;
  used_.erase(found);
  used_.emplace(address.value + front, end);
  bytes_in_use_ -= front;
  if (front) add_hole(address.value, address.value + front);
}

uint64_t ModuleSpace::bytes_in_use() const {
  std::lock_guard lock(mutex_);
  return bytes_in_use_;
}

}  // namespace ring3::link
