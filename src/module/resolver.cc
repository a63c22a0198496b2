// SPDX-License-Identifier: GPL-2.0-only
#include "module/resolver.h"

#include <fmt/format.h>

#include <algorithm>

#include "machine/machine.h"

namespace ring3::module {

SymbolResolver::SymbolResolver(kapi::Binding& binding, Registry& registry, Module& module,
                               const elf::View& view, const PerCpuService& percpu,
                               ResolverOptions options, const LogFunction& log)
    : binding_(binding),
      registry_(registry),
      module_(module),
      percpu_(percpu),
      options_(options),
      log_(log),
      has_versions_(view.find("__versions") != nullptr) {
  for (const elf::Version& version : view.versions()) versions_.emplace(version.name, version.crc);
}

Error SymbolResolver::unknown(std::string_view name, int code) const {
  return Error{code, fmt::format("Unknown symbol {} (err -{})", name, code)};
}

// resolve_symbol_wait: a module that is still initialising is waited for.
Result<KernelAddress> SymbolResolver::resolve(std::string_view name, bool weak) {
  constexpr uint64_t kPatience = 30'000'000'000;  // 30 * HZ
  auto resolved = resolve_now(name, weak);
  if (resolved || resolved.error().code != EBUSY) return resolved;
  uint64_t deadline = machine::Machine::instance()->clock().now_ns() + kPatience;
  do {
    auto initialising = [&] { return registry_.is_coming(name); };
    if (registry_.wait(initialising, deadline) != machine::Parked::kUnneeded) {
      Registry::Hold hold(registry_);
      auto owner = registry_.find_export(name, hold);
      log_(4, fmt::format("{}: gave up waiting for init of module {}.", module_.name,
                          owner ? owner->owner->name : "?"));
      return resolved;
    }
    resolved = resolve_now(name, weak);
  } while (!resolved && resolved.error().code == EBUSY);
  return resolved;
}

Result<KernelAddress> SymbolResolver::resolve_now(std::string_view name, bool weak) {
  auto exported = binding_.target().find_export(name);
  bool proprietary = module_.taints & bit(kTaintProprietary);
  if (exported && !(exported->gpl_only && proprietary)) return from_kernel(name, *exported);
  Registry::Hold hold(registry_);
  auto found = registry_.find_export(name, hold);
  if (found && !(found->symbol->gpl_only && proprietary)) return from_module(name, *found);
  if (weak) return KernelAddress{};
  return unknown(name, ENOENT);
}

// Versions and namespaces, in Linux's order.
Result<void> SymbolResolver::check(std::string_view name, const Owner& owner) const {
  if (owner.has_crc && !options_.ignore_versions) {
    if (!has_versions_) {
      // Without __versions the module_layout check has spoken already.
    } else if (auto wanted = versions_.find(name); wanted == versions_.end()) {
      log_(4, fmt::format("{}: no symbol version for {}", module_.name, name));
      return unknown(name, EINVAL);
    } else if (wanted->second != owner.crc) {
      log_(4, fmt::format("{}: disagrees about version of symbol {}", module_.name, name));
      return unknown(name, EINVAL);
    }
  }
  if (!owner.name_space.empty()) {
    auto& imported = module_.imported_namespaces;
    if (std::find(imported.begin(), imported.end(), owner.name_space) == imported.end()) {
      log_(3, fmt::format("{}: module uses symbol ({}) from namespace {}, but does not import it.",
                          module_.name, name, owner.name_space));
      return unknown(name, EINVAL);
    }
  }
  return {};
}

Result<KernelAddress> SymbolResolver::from_kernel(std::string_view name,
                                                  const target::Export& exported) {
  if (exported.gpl_only) module_.using_gpl_only_symbols = true;
  TRY(check(name, {exported.crc != 0, exported.crc, exported.name_space}));
  kapi::Lookup found = binding_.lookup(name);
  if (found.record) return found.address;
  missing_.emplace_back(name);
  if (!options_.strict) return found.address;
  log_(4,
       fmt::format("{}: ring3 has no {} yet (--strict refuses it; without it the first call stops)",
                   module_.name, name));
  return unknown(name, ENOENT);
}

Result<KernelAddress> SymbolResolver::from_module(std::string_view name, const FoundExport& found) {
  const ModuleExport& symbol = *found.symbol;
  Module& owner = *found.owner;
  if (symbol.gpl_only) module_.using_gpl_only_symbols = true;
  if (owner.taints & bit(kTaintProprietary) && !(module_.taints & bit(kTaintProprietary))) {
    if (module_.using_gpl_only_symbols) {
      log_(3, fmt::format(
                  "{}: module using GPL-only symbols uses symbols {} from proprietary module {}.",
                  module_.name, name, owner.name));
      return unknown(name, ENOENT);
    }
    log_(4, fmt::format("{}: module uses symbols {} from proprietary module {}, inheriting taint.",
                        module_.name, name, owner.name));
    module_.taints |= bit(kTaintProprietary);
  }
  TRY(check(name, {symbol.has_crc, symbol.crc, symbol.name_space}));
  if (auto used = registry_.use(owner, module_); !used) return unknown(name, used.error().code);
  return KernelAddress{symbol.address};
}

Result<uint64_t> SymbolResolver::allocate_percpu(uint64_t size, uint64_t align) {
  return percpu_.allocate(size, align);
}

void SymbolResolver::free_percpu(uint64_t offset, uint64_t size) { percpu_.free(offset, size); }

// Static keys of the kernel API and of other modules decide how this one's branches begin.
bool SymbolResolver::readable(KernelAddress address, uint64_t size) {
  if (Module* owner = registry_.containing(address.value))
    return registry_.containing(address.value + size - 1) == owner;
  auto symbol = binding_.symbolise(address);
  return symbol && !symbol->missing && symbol->offset + size <= symbol->size;
}

void SymbolResolver::initialise_percpu(uint64_t offset, std::span<const std::byte> image) {
  percpu_.initialise(offset, image);
}

}  // namespace ring3::module
