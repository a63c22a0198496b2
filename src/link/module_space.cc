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
}

Result<KernelAddress> ModuleSpace::allocate(uint64_t size) {
  uint64_t bytes = host::page_up(size ? size : 1);
  uint64_t length = bytes + host::kPageSize;  // a guard page behind
  uint64_t begin;
  {
    std::lock_guard lock(mutex_);
    // First fit. search_from_ is the lowest address that may be free: nothing below it is.
    begin = search_from_;
    auto next = used_.lower_bound(begin);
    while (next != used_.end() && next->first - begin < length) {
      begin = next->second;
      ++next;
    }
    if (begin + length > kModuleSpaceEnd)
      return Error{ENOMEM, "module space is full: no " + std::to_string(bytes) +
                               " bytes in one piece below 2 GiB"};
    used_.emplace(begin, begin + length);
    if (begin == search_from_) search_from_ = begin + length;
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
  used_.erase(found);
  bytes_in_use_ -= bytes;
  if (address.value < search_from_) search_from_ = address.value;
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
  if (address.value < search_from_) search_from_ = address.value;
}

uint64_t ModuleSpace::bytes_in_use() const {
  std::lock_guard lock(mutex_);
  return bytes_in_use_;
}

}  // namespace ring3::link
