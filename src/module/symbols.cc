// SPDX-License-Identifier: GPL-2.0-only
#include "module/symbols.h"

#include <elf.h>
#include <fmt/format.h>

#include "host/memory.h"

namespace ring3::module {
namespace {

// Where the last symbol of a region ends. While struct module had a core_layout (before v6.4), the
// end of the text bounded data as well, whose symbols then have sizes below zero.
uint64_t end_for(const link::Image& image, const link::RegionMemory& region) {
  const link::RegionMemory* bound = &region;
  if (has_module_core_base()) {
    bool init = &region >= &image.regions[static_cast<size_t>(link::Region::kInitText)];
    auto text = init ? link::Region::kInitText : link::Region::kText;
    bound = &image.regions[static_cast<size_t>(text)];
    if (!bound->base) bound = &region;
  }
  return bound->base.value + host::page_up(bound->size);
}

// The nearest symbol at or below the address in the same region, and up to the next one or the
// region's last page: so kallsyms computes sizes (kernel/module/kallsyms.c), whatever ELF says.
std::optional<NamedAddress> find_in(Module& module, uint64_t address) {
  const link::Image& image = *module.image;
  const link::RegionMemory* region = nullptr;
  for (const link::RegionMemory& candidate : image.regions)
    if (candidate.base && address >= candidate.base.value &&
        address < candidate.base.value + host::page_up(candidate.size))
      region = &candidate;
  if (!region) return std::nullopt;
  const link::PlacedSymbol* best = nullptr;
  uint64_t next = end_for(image, *region);
  for (const link::PlacedSymbol& symbol : image.symbols) {
    if (symbol.section == SHN_UNDEF || symbol.name.empty()) continue;
    if (symbol.value < region->base.value) continue;
    if (symbol.value <= address) {
      if (!best || symbol.value > best->value) best = &symbol;
    } else if (symbol.value < next) {
      next = symbol.value;
    }
  }
  if (!best) return std::nullopt;
  return NamedAddress{best->name, address - best->value, next - best->value, &module};
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
                        bool offset, bool return_address) {
  Registry::Hold hold(registry);
  auto found = find_symbol(registry, binding, return_address ? address - 1 : address);
  if (!found) return fmt::format("{:#x}", address);
  std::string text(found->name);
  if (offset) text += fmt::format("+{:#x}/{:#x}", found->offset + return_address, found->size);
  if (found->module) text += fmt::format(" [{}]", found->module->name);
  return text;
}

}  // namespace ring3::module
