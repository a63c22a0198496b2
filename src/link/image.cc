// SPDX-License-Identifier: GPL-2.0-only
// An image after linking: protection, and giving memory back.
#include "link/image.h"

#include "base/check.h"
#include "link/linker.h"
#include "link/module_space.h"

namespace ring3::link {
namespace {

size_t index(Region region) { return static_cast<size_t>(region); }

}  // namespace

// Text of both kinds lies together (place.cc): one call.
Result<void> Linker::protect() {
  const RegionMemory* regions = image_.regions;
  uint64_t text = host::page_up(regions[index(Region::kText)].size);
  uint64_t init_text = host::page_up(regions[index(Region::kInitText)].size);
  uint64_t begin = image_.memory_.value + image_.init_memory_ - init_text;
  if (text + init_text) TRY(host::protect(begin, init_text + text, host::Protection::kReadExecute));
  for (Region region : {Region::kRodata, Region::kInitRodata}) {
    const RegionMemory& memory = regions[index(region)];
    if (memory.size)
      TRY(host::protect(memory.base.value, host::page_up(memory.size), host::Protection::kRead));
  }
  return {};
}

void Image::seal_after_init() {
  const RegionMemory& memory = regions[index(Region::kRoAfterInit)];
  if (!memory.size) return;
  auto sealed =
      host::protect(memory.base.value, host::page_up(memory.size), host::Protection::kRead);
  CHECK(sealed.ok(), "{}: {}", name, sealed.error().text);
}

Image::~Image() {
  if (resolver_ && percpu_size) resolver_->free_percpu(percpu_offset, percpu_size);
  if (memory_) ModuleSpace::instance().free(memory_, memory_size_);
}

void Image::free_init() {
  leave_init();
  if (!init_memory_) return;
  if (init_memory_ == memory_size_) {
    ModuleSpace::instance().free(memory_, memory_size_);
    memory_ = {};
    init_memory_ = 0;
    return;
  }
  ModuleSpace::instance().free_front(memory_, memory_size_, init_memory_);
  memory_ = memory_ + init_memory_;
  memory_size_ -= init_memory_;
  init_memory_ = 0;
}

bool Image::contains_text(uint64_t address) const {
  return regions[index(Region::kText)].holds(address) ||
         (!init_freed && regions[index(Region::kInitText)].holds(address));
}

const RegionMemory* Image::region_of(uint64_t address) const {
  for (size_t i = 0; i < kRegionCount; i++) {
    if (init_freed && i >= index(Region::kInitText)) break;
    if (regions[i].holds(address)) return &regions[i];
  }
  return nullptr;
}

std::optional<std::string_view> Image::text_at(uint64_t address) const {
  const RegionMemory* region = region_of(address);
  if (!region) return std::nullopt;
  const char* text = reinterpret_cast<const char*>(address);
  size_t room = region->base.value + region->mapped() - address;
  size_t length = strnlen(text, room);
  if (length == room) return std::nullopt;
  return std::string_view(text, length);
}

std::span<std::byte> Image::section(std::string_view section_name) const {
  for (size_t i = 0; i < section_names.size(); i++) {
    const PlacedSection& placed = sections[i];
    if (section_names[i] != section_name || !placed.address) continue;
    if (init_freed && placed.region >= Region::kInitText) return {};
    return {placed.address.as<std::byte>(), placed.size};
  }
  return {};
}

KernelAddress Image::section_address(std::string_view section_name) const {
  for (size_t i = 0; i < section_names.size(); i++)
    if (section_names[i] == section_name && sections[i].address) return sections[i].address;
  return {};
}

}  // namespace ring3::link
