// SPDX-License-Identifier: GPL-2.0-only
#include "module/symbols.h"

#include <elf.h>
#include <fmt/format.h>

namespace ring3::module {
namespace {

// The nearest function or object at or below the address, in the same section; its size reaches to
// the next symbol when ELF gives none, as kallsyms computes it.
std::optional<NamedAddress> find_in(Module& module, uint64_t address) {
  const link::Image& image = *module.image;
  const link::PlacedSymbol* best = nullptr;
  uint64_t next = ~0ull;
  for (const link::PlacedSymbol& symbol : image.symbols) {
    if (symbol.section == SHN_UNDEF || symbol.section >= image.sections.size()) continue;
    if (symbol.name.empty() || ELF64_ST_TYPE(symbol.info) == STT_SECTION) continue;
    const link::PlacedSection& section = image.sections[symbol.section];
    if (!section.address || address < section.address.value ||
        address >= section.address.value + section.size)
      continue;
    if (symbol.value <= address) {
      if (!best || symbol.value > best->value) best = &symbol;
    } else if (symbol.value < next) {
      next = symbol.value;
    }
  }
  if (!best) return std::nullopt;
  const link::PlacedSection& section = image.sections[best->section];
  uint64_t end = std::min(next, section.address.value + section.size);
  return NamedAddress{best->name, address - best->value, end - best->value, &module};
}

}  // namespace

std::optional<NamedAddress> find_symbol(const Registry& registry, const kapi::Binding& binding,
                                        uint64_t address) {
  if (Module* module = registry.containing(address)) return find_in(*module, address);
  if (auto symbol = binding.symbolise({address}))
    return NamedAddress{symbol->name, symbol->offset, symbol->size, nullptr};
  return std::nullopt;
}

std::string symbol_text(const Registry& registry, const kapi::Binding& binding, uint64_t address,
                        bool offset) {
  auto found = find_symbol(registry, binding, address);
  if (!found) return fmt::format("{:#x}", address);
  std::string text(found->name);
  if (offset) text += fmt::format("+{:#x}/{:#x}", found->offset, found->size);
  if (found->module) text += fmt::format(" [{}]", found->module->name);
  return text;
}

}  // namespace ring3::module
