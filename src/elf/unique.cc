// SPDX-License-Identifier: GPL-2.0-only
// What kernels with find_any_unique_sec ask of the sections that a module cannot do without
// (kernel/module/main.c elf_validity_cache_index): each is there once, and is what it must be. In
// their order and with their texts.
#include <algorithm>

#include "elf/refuse.h"
#include "elf/view.h"

namespace ring3::elf {

size_t View::count(std::string_view name) const {
  return static_cast<size_t>(
      std::count_if(sections_.begin(), sections_.end(),
                    [&](const Section& section) { return section.index && section.name == name; }));
}

Result<void> View::check_unique(const Checks& checks) const {
  constexpr std::string_view kModule = ".gnu.linkonce.this_module";
  if (count(".modinfo") > 1) return refuse("Only one .modinfo section must exist.");
  std::string_view name = modinfo("name").value_or(kNoName);
  const Section* module = find(kModule);
  if (count(kModule) != 1)
    return refuse("module {}: Exactly one {} section must exist.", name, kModule);
  if (module->type == SHT_NOBITS)
    return refuse("module {}: {} section must have a size set", name, kModule);
  if (!module->alloc())
    return refuse("module {}: {} must occupy memory during process execution", name, kModule);
  if (checks.module_size && module->size != checks.module_size)
    return refuse(
        "module {}: {} section size must match the kernel's built struct module size at run time",
        name, kModule);

  auto is_table = [](const Section& section) { return section.type == SHT_SYMTAB; };
  if (std::count_if(sections_.begin(), sections_.end(), is_table) != 1)
    return refuse("{}: module has no symbols (stripped?)", name);
  const Section& table = *std::find_if(sections_.begin(), sections_.end(), is_table);
  if (table.link == SHN_UNDEF || table.link >= sections_.size())
    return refuse("Invalid ELF sh_link!=SHN_UNDEF({}) or (sh_link({}) >= hdr->e_shnum({})",
                  static_cast<int>(table.link), static_cast<int>(table.link), sections_.size());
  if (sections_[table.link].type != SHT_STRTAB)
    return refuse("Invalid ELF symbol string table type: {}", sections_[table.link].type);
  return {};
}

}  // namespace ring3::elf
