// SPDX-License-Identifier: GPL-2.0-only
// What Linux's kallsyms makes of a module's symbols (kernel/module/kallsyms.c): the letter of each,
// whether it stays when init memory goes, and how large the tables are that Linux appends to the
// module's data. We keep the symbols in host memory; the sizes only serve /proc/modules and sysfs,
// where they are part of what Linux reports. All for CONFIG_KALLSYMS_ALL, which distributions set.
#include <elf.h>

#include "link/linker.h"

namespace ring3::link {
namespace {

constexpr uint64_t align_up(uint64_t n, uint64_t align) { return (n + align - 1) & ~(align - 1); }

}  // namespace

char Linker::letter_of(const elf::Symbol& symbol) const {
  if (symbol.bind() == STB_WEAK) return symbol.type() == STT_OBJECT ? 'v' : 'w';
  if (symbol.section == SHN_UNDEF) return 'U';
  if (symbol.section == SHN_ABS || (percpu_ && symbol.section == percpu_->index)) return 'a';
  if (symbol.section >= SHN_LORESERVE || symbol.section >= view_.sections().size()) return '?';
  uint32_t flags = flags_[symbol.section];
  const elf::Section& section = view_.sections()[symbol.section];
  if (flags & SHF_EXECINSTR) return 't';
  if (section.type == SHT_NOBITS) return 'b';
  if (flags & SHF_ALLOC) return flags & SHF_WRITE ? 'd' : 'r';
  return section.name.starts_with(".debug") ? 'n' : '?';
}

bool Linker::in_core(const elf::Symbol& symbol) const {
  if (symbol.section == SHN_UNDEF || symbol.section >= view_.sections().size()) return false;
  if (symbol.name.empty()) return false;
  if (percpu_ && symbol.section == percpu_->index) return true;
  Region region = image_.sections[symbol.section].region;
  return region < Region::kInitText;
}

void Linker::count_symbols() {
  uint64_t count = 0;
  uint64_t names = 0;
  bool livepatch = view_.modinfo("livepatch").has_value();  // keeps all its symbols
  image_.symbols.reserve(view_.symbols().size());
  for (const elf::Symbol& symbol : view_.symbols()) {
    bool core = livepatch || in_core(symbol);
    image_.symbols.push_back({.name = symbol.name,
                              .size = symbol.size,
                              .info = symbol.info,
                              .section = symbol.section,
                              .type = letter_of(symbol),
                              .core = core});
    if (!core && symbol.index != 0) continue;
    count++;
    names += symbol.name.size() + 1;
  }
  // Core: the symbols that stay, their names, a letter each.
  const elf::Section* symtab = view_.symtab();
  if (!symtab) return;
  uint64_t align = symtab->align ? symtab->align : 1;
  auto size = [&](Region region) {
    uint64_t bytes = image_.regions[static_cast<size_t>(region)].size;
    return options_.kallsyms_on_own_page ? host::page_up(bytes) : bytes;
  };
  kallsyms_core_ = align_up(size(Region::kData), align) + count * sizeof(Elf64_Sym) + names + count;
  // Init: the whole symbol table and string table, struct mod_kallsyms (four words), the letters.
  constexpr uint64_t kModKallsyms = 32;
  uint64_t init = align_up(size(Region::kInitData), align) + symtab->size;
  uint64_t strings_align = view_.strtab()->align ? view_.strtab()->align : 1;
  init = align_up(init, strings_align) + view_.strtab()->size;
  kallsyms_init_ = align_up(init, 8) + kModKallsyms + view_.symbols().size();
}

void Linker::report_sizes() {
  auto pages = [&](Region region) {
    return host::page_up(image_.regions[static_cast<size_t>(region)].size);
  };
  image_.core_size = pages(Region::kText) + pages(Region::kRodata) + pages(Region::kRoAfterInit) +
                     host::page_up(kallsyms_core_);
  image_.init_size =
      pages(Region::kInitText) + pages(Region::kInitRodata) + host::page_up(kallsyms_init_);
}

}  // namespace ring3::link
