// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memory/percpu.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "host/memory.h"
#include "kapi/gs_area.h"

namespace ring3::machine {
namespace {

constexpr uint64_t kGrain = 8;  // sizes are multiples of it
constexpr uint64_t kLargestAlignment = host::kPageSize;
// Unreadable behind each area: whatever a module's 32-bit offset is, it leads no further.
constexpr uint64_t kBehind = 2ull << 30;

uint64_t align_up(uint64_t value, uint64_t align) { return (value + align - 1) & ~(align - 1); }

}  // namespace

Result<void> PerCpu::create(const Options& options) {
  destroy();
  area_size_ = host::page_up(options.area_size);
  uint64_t begin = align_up(std::max(options.static_size, uint64_t{sizeof(kapi::GsArea)}), 64);
  if (!options.cpus || begin >= area_size_)
    return Error{EINVAL,
                 fmt::format("per-CPU areas of {} bytes for {} CPUs cannot hold {} bytes of "
                             "static variables",
                             options.area_size, options.cpus, options.static_size)};
  stride_ = area_size_ + kBehind;
  base_ = TRY(host::reserve(0, stride_ * options.cpus));
  cpus_ = options.cpus;
  fail_point_ = options.fail_point;
  report_ = options.report;
  for (unsigned cpu = 0; cpu < cpus_; cpu++)
    TRY(host::commit(area(cpu), area_size_, host::Protection::kReadWrite));
  free_ = {{begin, area_size_ - begin}};
  return {};
}

void PerCpu::destroy() {
  if (base_) host::release(base_, stride_ * cpus_);
  base_ = 0;
  cpus_ = 0;
  free_.clear();
  used_.clear();
}

std::vector<uint64_t> PerCpu::areas() const {
  std::vector<uint64_t> result;
  for (unsigned cpu = 0; cpu < cpus_; cpu++) result.push_back(area(cpu));
  return result;
}

bool PerCpu::reserve_static(uint64_t bytes) {
  SpinGuard guard(lock_);
  if (!used_.empty() || free_.size() != 1) return false;
  auto [begin, size] = *free_.begin();
  bytes = align_up(bytes, 64);
  if (bytes >= size) return false;
  free_ = {{begin + bytes, size - bytes}};
  return true;
}

void PerCpu::zero(uint64_t place, uint64_t size) const {
  for (unsigned cpu = 0; cpu < cpus_; cpu++) std::memset(at(cpu, place), 0, size);
}

uint64_t PerCpu::allocate(uint64_t size, uint64_t align, uint64_t owner, bool may_fail) {
  if (!size || size > area_size_ || align > kLargestAlignment || !std::has_single_bit(align))
    return 0;
  if (may_fail && fail_point_ && fail_point_->should_fail(owner)) return 0;
  size = align_up(size, kGrain);
  align = std::max(align, kGrain);
  uint64_t place = 0;
  {
    SpinGuard guard(lock_);
    for (auto& [begin, room] : free_) {
      uint64_t at = align_up(begin, align);
      if (at - begin > room || room - (at - begin) < size) continue;
      place = at;
      uint64_t end = begin + room;
      uint64_t before = begin;
      free_.erase(before);
      if (at > before) free_[before] = at - before;
      if (end > at + size) free_[at + size] = end - at - size;
      used_[at] = {at, size, owner};
      break;
    }
  }
  if (place) zero(place, size);
  return place;
}

bool PerCpu::free(uint64_t place, uint64_t caller) {
  {
    SpinGuard guard(lock_);
    auto found = used_.find(place);
    if (found != used_.end()) {
      uint64_t begin = place, end = place + found->second.size;
      used_.erase(found);
      auto next = free_.lower_bound(begin);
      if (next != free_.end() && next->first == end) {
        end += next->second;
        next = free_.erase(next);
      }
      if (next != free_.begin()) {
        auto before = std::prev(next);
        if (before->first + before->second == begin) begin = before->first;
      }
      free_[begin] = end - begin;
      return true;
    }
  }
  if (report_) report_({.kind = MemoryReport::kBadPerCpuFree, .address = place, .caller = caller});
  return false;
}

std::optional<PerCpu::Position> PerCpu::find(uint64_t address) const {
  uint64_t offset = address - base_;
  if (!base_ || offset >= stride_ * cpus_ || offset % stride_ >= area_size_) return std::nullopt;
  return Position{static_cast<unsigned>(offset / stride_), offset % stride_};
}

std::optional<uint64_t> PerCpu::place_behind(uint64_t address) const {
  uint64_t offset = address - base_;
  if (!base_ || offset >= stride_ * cpus_ || offset % stride_ < area_size_) return std::nullopt;
  return offset % stride_;
}

void PerCpu::for_each_block(const std::function<void(const Block&)>& fn) const {
  std::vector<Block> blocks;
  {
    SpinGuard guard(lock_);
    for (auto& [place, block] : used_) blocks.push_back(block);
  }
  for (const Block& block : blocks) fn(block);
}

uint64_t PerCpu::bytes_in_use() const {
  SpinGuard guard(lock_);
  uint64_t total = 0;
  for (auto& [place, block] : used_) total += block.size;
  return total;
}

}  // namespace ring3::machine
