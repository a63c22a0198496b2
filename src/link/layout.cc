// SPDX-License-Identifier: GPL-2.0-only
// Where sections go. Linux's grouping (kernel/module/main.c, layout_sections): text, read-only
// data, data that is read-only after init, data; everything named .init* apart, because it is given
// back. Core and init are one allocation each; each region begins on a page, for its protection.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "host/memory.h"
#include "link/linker.h"
#include "link/module_space.h"

namespace ring3::link {
namespace {

// A section matches a row when it has all of `set` and none of `clear`. SHF_RO_AFTER_INIT is
// Linux's own bit.
constexpr uint64_t kRoAfterInit = 0x0020'0000;
struct Row {
  uint64_t set, clear;
  Region core, init;
};
constexpr Row kRows[] = {
    {SHF_EXECINSTR | SHF_ALLOC, 0, Region::kText, Region::kInitText},
    {SHF_ALLOC, SHF_WRITE | kRoAfterInit, Region::kRodata, Region::kInitRodata},
    {kRoAfterInit | SHF_ALLOC, 0, Region::kRoAfterInit, Region::kInitData},
    {SHF_WRITE | SHF_ALLOC, 0, Region::kData, Region::kInitData},
};

// .data..ro_after_init and the jump table are written once (layout_and_allocate marks them).
uint64_t flags_of(const elf::Section& section) {
  bool once = section.name == ".data..ro_after_init" || section.name == "__jump_table" ||
              section.name == ".static_call_sites";
  return section.flags | (once ? kRoAfterInit : 0);
}

constexpr bool is_init(Region region) { return region >= Region::kInitText; }

std::string problem(const std::string& name, const elf::Section& section, const char* what) {
  return fmt::format("{}: section {} (index {}) {}", name, section.name, section.index, what);
}

}  // namespace

Result<void> Linker::layout() {
  size_t count = view.sections().size();
  image.sections.resize(count);
  image.section_names.resize(count);
  for (const elf::Section& section : view.sections()) {
    image.section_names[section.index] = section.name;
    image.sections[section.index].size = section.size;
    constexpr uint64_t kBoth = SHF_WRITE | SHF_EXECINSTR;
    if ((section.flags & kBoth) == kBoth)
      return fail(ENOEXEC, problem(image.name, section, "has invalid WRITE|EXEC flags"));
    if (section.name == ".data..percpu" && section.alloc()) percpu = &section;
  }
  for (const Row& row : kRows) {
    for (const elf::Section& section : view.sections()) {
      PlacedSection& placed = image.sections[section.index];
      uint64_t flags = flags_of(section);
      if ((flags & row.set) != row.set || (flags & row.clear) || placed.region != Region::kCount)
        continue;
      if (&section == percpu || section.name == ".modinfo" || section.name == "__versions")
        continue;
      Region region = section.name.starts_with(".init") ? row.init : row.core;
      uint64_t& size = image.regions[static_cast<size_t>(region)].size;
      uint64_t align = std::max<uint64_t>(section.align, 1);
      if ((align & (align - 1)) || align > host::kPageSize)
        return fail(ENOEXEC, problem(image.name, section, "has an alignment that cannot be"));
      if (section.size > kModuleSpaceEnd - kModuleSpaceBase)
        return fail(ENOMEM, problem(image.name, section, "is larger than module space"));
      size = (size + align - 1) & ~(align - 1);
      placed.region = region;
      placed.address = {size};  // for now the offset in its region
      size += section.size;
    }
  }
  return {};
}

Result<void> Linker::place() {
  for (bool init : {false, true}) {
    uint64_t total = 0;
    for (size_t i = 0; i < kRegionCount; i++)
      if (is_init(static_cast<Region>(i)) == init) total += host::page_up(image.regions[i].size);
    if (!total) continue;
    KernelAddress base = TRY(ModuleSpace::instance().allocate(total));
    (init ? image.init_ : image.core_) = {base, total};
    for (size_t i = 0; i < kRegionCount; i++) {
      if (is_init(static_cast<Region>(i)) != init || !image.regions[i].size) continue;
      image.regions[i].base = base;
      base = base + host::page_up(image.regions[i].size);
    }
  }
  for (const elf::Section& section : view.sections()) {
    PlacedSection& placed = image.sections[section.index];
    if (placed.region == Region::kCount) continue;
    placed.address = image.regions[static_cast<size_t>(placed.region)].base + placed.address.value;
    if (!section.bytes.empty())
      std::memcpy(placed.address.as<void>(), section.bytes.data(), section.bytes.size());
  }
  if (percpu && percpu->size) {
    image.percpu_offset =
        TRY(resolver.allocate_percpu(percpu->size, std::max<uint64_t>(percpu->align, 1)));
    image.percpu_size = percpu->size;
    image.percpu_align = percpu->align;
  }
  return {};
}

Result<void> Linker::protect() {
  if (percpu && percpu->size) resolver.initialise_percpu(image.percpu_offset, percpu->bytes);
  for (size_t i = 0; i < kRegionCount; i++) {
    const RegionMemory& region = image.regions[i];
    if (!region.size) continue;
    Region kind = static_cast<Region>(i);
    bool text = kind == Region::kText || kind == Region::kInitText;
    bool read_only = kind == Region::kRodata || kind == Region::kInitRodata;
    if (text)
      TRY(host::protect(region.base.value, host::page_up(region.size),
                        host::Protection::kReadExecute));
    else if (read_only)
      TRY(host::protect(region.base.value, host::page_up(region.size), host::Protection::kRead));
  }
  return {};
}

}  // namespace ring3::link
