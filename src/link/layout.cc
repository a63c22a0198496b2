// SPDX-License-Identifier: GPL-2.0-only
// Which section goes where. Linux's rule (kernel/module/main.c layout_sections): for init and for
// the rest separately, in four rounds over the section table, those that are executable, read-only,
// read-only after init, writable; each round fills a region in file order and ends on a page.
// Before that it clears SHF_ALLOC from what it does not want in memory, and marks two sections as
// read-only after init.
#include <elf.h>
#include <fmt/format.h>

#include <bit>

#include "link/linker.h"
#include "link/module_space.h"

namespace ring3::link {
namespace {

constexpr uint32_t kRoAfterInitFlag = 0x0020'0000;  // SHF_RO_AFTER_INIT of include/linux/module.h

// The rounds: a section belongs to the first row whose flags it has and whose others it lacks.
struct Round {
  uint32_t has;
  uint32_t lacks;
  Region core;
  Region init;
};
constexpr Round kRounds[] = {
    {SHF_ALLOC | SHF_EXECINSTR, 0, Region::kText, Region::kInitText},
    {SHF_ALLOC, SHF_WRITE, Region::kRodata, Region::kInitRodata},
    {SHF_ALLOC | kRoAfterInitFlag, 0, Region::kRoAfterInit, Region::kInitData},
    {SHF_ALLOC | SHF_WRITE, 0, Region::kData, Region::kInitData},
};

bool is_init(std::string_view name) { return name.starts_with(".init"); }

constexpr uint64_t align_up(uint64_t n, uint64_t align) { return (n + align - 1) & ~(align - 1); }

}  // namespace

Result<void> Linker::layout() {
  TRY(refuse_writable_code());
  classify_sections();
  TRY(group_sections());
  if (options_.this_module_size && view_.this_module() &&
      view_.this_module()->size < options_.this_module_size)
    return Error{ENOEXEC,
                 fmt::format("{}: .gnu.linkonce.this_module has {} bytes, the target's "
                             "struct module {}; build it against the target's headers",
                             image_.name, view_.this_module()->size, options_.this_module_size)};
  count_symbols();
  report_sizes();
  return {};
}

// CONTRACT step 7 (kernel/module/strict_rwx.c module_enforce_rwx_sections).
Result<void> Linker::refuse_writable_code() const {
  for (const elf::Section& section : view_.sections()) {
    if ((section.flags & (SHF_WRITE | SHF_EXECINSTR)) != (SHF_WRITE | SHF_EXECINSTR)) continue;
    std::string text = fmt::format("{}: section {} (index {}) has invalid WRITE|EXEC flags",
                                   image_.name, section.name, section.index);
    log_.error(text);
    return Error{ENOEXEC, text};
  }
  return {};
}

// The flags as Linux has them when it lays out.
void Linker::classify_sections() {
  for (const elf::Section& section : view_.sections())
    flags_.push_back(static_cast<uint32_t>(section.flags));
  // find() prefers sections with SHF_ALLOC, which are the only ones that Linux looks among.
  auto change = [&](std::string_view name, uint32_t add, uint32_t remove) -> const elf::Section* {
    const elf::Section* section = view_.find(name);
    if (!section || !section->alloc()) return nullptr;
    flags(*section) = (flags(*section) | add) & ~remove;
    return section;
  };
  change(".modinfo", 0, SHF_ALLOC);
  change("__versions", 0, SHF_ALLOC);
  percpu_ = change(".data..percpu", 0, SHF_ALLOC);
  change(".data..ro_after_init", kRoAfterInitFlag, 0);
  change("__jump_table", kRoAfterInitFlag, 0);
}

Result<void> Linker::group_sections() {
  constexpr uint64_t kLimit = kModuleSpaceEnd - kModuleSpaceBase;
  size_t count = view_.sections().size();
  image_.sections.resize(count);
  image_.section_names.reserve(count);
  offsets_.resize(count);
  uint64_t total = 0;
  for (const elf::Section& section : view_.sections()) {
    image_.section_names.emplace_back(section.name);
    PlacedSection& placed = image_.sections[section.index];
    placed.size = section.size;
    placed.note = section.type == SHT_NOTE && section.alloc();
    uint32_t has = flags(section);
    // layout_symtab puts these two into init memory.
    placed.shown = has & SHF_ALLOC || &section == view_.symtab() || &section == view_.strtab();
    for (const Round& round : kRounds) {
      if ((has & round.has) != round.has || (has & round.lacks)) continue;
      placed.region = is_init(section.name) ? round.init : round.core;
      break;
    }
    if (placed.region == Region::kCount) continue;
    uint64_t align = section.align ? section.align : 1;
    if (!std::has_single_bit(align) || align > kLimit)
      return Error{ENOEXEC, fmt::format("{}: section {} (index {}): alignment {} is not a power of "
                                        "two below 2 GiB; the file is damaged",
                                        image_.name, section.name, section.index, section.align)};
    uint64_t& size = image_.regions[static_cast<size_t>(placed.region)].size;
    if (section.size > kLimit || align > kLimit - total || section.size > kLimit - total - align)
      return Error{ENOMEM,
                   fmt::format("{}: section {} (index {}) of {:#x} bytes does not fit into "
                               "module space ({:#x} bytes)",
                               image_.name, section.name, section.index, section.size, kLimit)};
    total += section.size + align;
    offsets_[section.index] = align_up(size, align);
    size = offsets_[section.index] + section.size;
  }
  return {};
}

}  // namespace ring3::link
