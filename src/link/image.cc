// SPDX-License-Identifier: GPL-2.0-only
#include "link/image.h"

#include "host/memory.h"
#include "link/module_space.h"

namespace ring3::link {

Image::~Image() {
  auto& space = ModuleSpace::instance();
  if (core_.base) space.free(core_.base, core_.size);
  if (init_.base && !init_freed) space.free(init_.base, init_.size);
  if (percpu_size) resolver_->free_percpu(percpu_offset, percpu_size);
}

bool Image::contains_text(uint64_t address) const {
  for (Region region : {Region::kText, Region::kInitText}) {
    const RegionMemory& memory = regions[static_cast<size_t>(region)];
    if (region == Region::kInitText && init_freed) continue;
    if (memory.base && address >= memory.base.value && address < memory.base.value + memory.size)
      return true;
  }
  return false;
}

std::span<std::byte> Image::section(std::string_view section_name) const {
  for (size_t i = 0; i < sections.size(); i++) {
    if (!sections[i].address || section_names[i] != section_name) continue;
    return {sections[i].address.as<std::byte>(), sections[i].size};
  }
  return {};
}

KernelAddress Image::section_address(std::string_view section_name) const {
  return KernelAddress::of(section(section_name).data());
}

void Image::free_init() {
  if (init_freed) return;
  init_freed = true;
  if (init_.base) ModuleSpace::instance().free(init_.base, init_.size);
}

void Image::seal_after_init() {
  const RegionMemory& region = regions[static_cast<size_t>(Region::kRoAfterInit)];
  if (region.size)
    (void)host::protect(region.base.value, host::page_up(region.size), host::Protection::kRead);
}

}  // namespace ring3::link
