// SPDX-License-Identifier: GPL-2.0-only
// Memory for the regions, and the sections' bytes in it. One allocation holds all regions, in the
// order
//
//   init data | init rodata | init text | text | rodata | ro_after_init | data
//
// so that a load costs few system calls: the two texts become executable with one call, and init
// memory is given back with one, from the front.
#include <elf.h>
#include <fmt/format.h>

#include <cstring>

#include "link/linker.h"
#include "link/module_space.h"

namespace ring3::link {
namespace {

constexpr Region kOrder[] = {Region::kInitData, Region::kInitRodata, Region::kInitText,
                             Region::kText,     Region::kRodata,     Region::kRoAfterInit,
                             Region::kData};
static_assert(std::size(kOrder) == kRegionCount);

}  // namespace

Result<void> Linker::place() {
  image_.resolver_ = &resolver_;
  uint64_t bases[kRegionCount];
  uint64_t total = 0;
  for (Region region : kOrder) {
    if (region == Region::kText) image_.init_memory_ = total;
    bases[static_cast<size_t>(region)] = total;
    total += host::page_up(image_.regions[static_cast<size_t>(region)].size);
  }
  auto memory = ModuleSpace::instance().allocate(total);
  if (!memory)
    return Error{memory.error().code, fmt::format("{}: {}", image_.name, memory.error().text)};
  image_.memory_ = *memory;
  image_.memory_size_ = total;

  for (size_t i = 0; i < kRegionCount; i++)
    if (image_.regions[i].size) image_.regions[i].base = image_.memory_ + bases[i];
  for (const elf::Section& section : view_.sections()) {
    PlacedSection& placed = image_.sections[section.index];
    if (placed.region == Region::kCount) continue;
    placed.address =
        image_.memory_ + bases[static_cast<size_t>(placed.region)] + offsets_[section.index];
    if (!section.bytes.empty())
      std::memcpy(placed.address.as<void>(), section.bytes.data(), section.bytes.size());
  }
  return place_percpu();
}

// CONTRACT step 11 (percpu_modalloc).
Result<void> Linker::place_percpu() {
  if (!percpu_ || percpu_->size == 0) return {};
  uint64_t align = percpu_->align ? percpu_->align : 1;
  if (align > host::kPageSize) {
    log_.warning(fmt::format("{}: per-cpu alignment {} > {}", image_.name, align, host::kPageSize));
    align = host::kPageSize;
  }
  auto offset = resolver_.allocate_percpu(percpu_->size, align);
  if (!offset) {
    std::string line =
        fmt::format("{}: Could not allocate {} bytes percpu data", image_.name, percpu_->size);
    log_.warning(line);
    return Error{ENOMEM, std::move(line)};
  }
  image_.percpu_offset = *offset;
  image_.percpu_size = percpu_->size;
  image_.percpu_align = align;
  return {};
}

}  // namespace ring3::link
