// SPDX-License-Identifier: GPL-2.0-only
// The symbol table: the first SHT_SYMTAB, as in Linux's setup_load_info, read once into plain
// structs. Linux trusts st_name; here every name must end inside the string table.
#include "elf/refuse.h"
#include "elf/view.h"

namespace ring3::elf {

Result<void> View::read_symbols() {
  for (const Section& section : sections_) {
    if (section.type != SHT_SYMTAB) continue;
    symtab_ = &section;
    strtab_ = &sections_[section.link];  // in range: validity.cc
    break;
  }
  if (!symtab_) return {};  // check_module says so

  // Bytes behind the last whole symbol are ignored, as Linux does.
  size_t count = symtab_->bytes.size() / sizeof(Elf64_Sym);
  symbols_.reserve(count);
  for (size_t i = 0; i < count; i++) {
    Elf64_Sym raw = *read_at<Elf64_Sym>(symtab_->bytes, i * sizeof(Elf64_Sym));
    std::string_view name;
    if (raw.st_name != 0) {
      auto found = string_at(strtab_->bytes, raw.st_name);
      if (!found)
        return refuse(
            "section {} ({}): symbol {}: its name at {:#x} does not end inside section {} ({}, {} "
            "bytes)",
            symtab_->index, symtab_->name, i, raw.st_name, strtab_->index, strtab_->name,
            strtab_->bytes.size());
      name = *found;
    } else {
      name = string_at(strtab_->bytes, 0).value_or("");
    }
    symbols_.push_back({static_cast<uint32_t>(i), name, raw.st_info, raw.st_other, raw.st_shndx,
                        raw.st_value, raw.st_size});
  }
  return {};
}

}  // namespace ring3::elf
