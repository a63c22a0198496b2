// SPDX-License-Identifier: GPL-2.0-only
// Final values of symbols (kernel/module/main.c, simplify_symbols; CONTRACT 5.2 step 13). Every
// undefined symbol is looked at, in symtab order, and every trouble told; the last one's errno is
// the load's.
#include <fmt/format.h>

#include "link/linker.h"

namespace ring3::link {
namespace {

// nm's letter, lower case (kallsyms shows modules' symbols so).
char letter(const elf::View& view, const elf::Symbol& symbol) {
  if (symbol.bind() == STB_WEAK) return symbol.type() == STT_OBJECT ? 'v' : 'w';
  if (symbol.section == SHN_UNDEF) return 'U';
  if (symbol.section == SHN_ABS) return 'a';
  if (symbol.section >= view.sections().size()) return '?';
  const elf::Section& section = view.sections()[symbol.section];
  if (section.name == ".data..percpu") return 'a';
  if (section.flags & SHF_EXECINSTR) return 't';
  if (section.alloc() && section.type != SHT_NOBITS) return section.flags & SHF_WRITE ? 'd' : 'r';
  if (section.type == SHT_NOBITS) return 'b';
  if (section.name.starts_with(".debug")) return 'n';
  return '?';
}

}  // namespace

Result<void> Linker::resolve() {
  if (view.strtab()) image.strings.assign(as_text(view.strtab()->bytes));
  std::optional<Error> last;
  image.symbols.reserve(view.symbols().size());
  for (const elf::Symbol& symbol : view.symbols()) {
    PlacedSymbol placed;
    if (!symbol.name.empty())
      placed.name = std::string_view(image.strings)
                        .substr(static_cast<size_t>(symbol.name.data() -
                                                    as_text(view.strtab()->bytes).data()),
                                symbol.name.size());
    placed.size = symbol.size;
    placed.info = symbol.info;
    placed.section = symbol.section;
    placed.value = symbol.value;
    placed.type = letter(view, symbol);
    if (symbol.index == 0) {
      image.symbols.push_back(placed);
      continue;
    }
    switch (symbol.section) {
      case SHN_COMMON:
        if (symbol.name.starts_with("__gnu_lto")) break;
        last = fail(ENOEXEC, fmt::format("{}: please compile with -fno-common", image.name));
        break;
      case SHN_ABS:
        break;
      case SHN_UNDEF: {
        bool weak = symbol.bind() == STB_WEAK;
        auto found = resolver.resolve(symbol.name, weak);
        if (found) {
          placed.value = found->value;
        } else if (symbol.name != "_GLOBAL_OFFSET_TABLE_") {
          log.warning(fmt::format("{}: {}", image.name, found.error().text));
          last = found.error();
        }
        break;
      }
      default:
        if (symbol.section >= view.sections().size()) {
          last = fail(ENOEXEC, fmt::format("{}: Symbol {} has an invalid section index {} (max {})",
                                           image.name, symbol.name, symbol.section,
                                           view.sections().size() - 1));
          break;
        }
        if (percpu && symbol.section == percpu->index)
          placed.value = image.percpu_offset + symbol.value;
        else
          placed.value = image.sections[symbol.section].address.value + symbol.value;
    }
    image.symbols.push_back(placed);
  }
  if (last) return *last;
  return {};
}

}  // namespace ring3::link
