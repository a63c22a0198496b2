// SPDX-License-Identifier: GPL-2.0-only
#include "module/registry.h"

#include <algorithm>

#include "base/check.h"
#include "host/memory.h"

namespace ring3::module {
namespace {

uint64_t region_bytes(const link::Image& image, std::initializer_list<link::Region> regions) {
  uint64_t bytes = 0;
  for (link::Region region : regions)
    bytes += host::page_up(image.regions[static_cast<size_t>(region)].size);
  return bytes;
}

bool contains(const link::Image& image, uint64_t address) {
  for (size_t i = 0; i < link::kRegionCount; i++) {
    const link::RegionMemory& region = image.regions[i];
    if (image.init_freed && i >= static_cast<size_t>(link::Region::kInitText)) break;
    if (region.base && address >= region.base.value &&
        address < region.base.value + host::page_up(region.size))
      return true;
  }
  return false;
}

}  // namespace

uint64_t Module::core_size() const {
  using enum link::Region;
  return region_bytes(*image, {kText, kRodata, kRoAfterInit, kData});
}

uint64_t Module::init_size() const {
  using enum link::Region;
  return image->init_freed ? 0 : region_bytes(*image, {kInitText, kInitRodata, kInitData});
}

Module* Registry::find(std::string_view name) const {
  machine::SpinGuard guard(lock_);
  for (auto& module : modules_)
    if (module->name == name) return module.get();
  return nullptr;
}

Module* Registry::containing(uint64_t address) const {
  machine::SpinGuard guard(lock_);
  for (auto& module : modules_)
    if (module->image && contains(*module->image, address)) return module.get();
  return nullptr;
}

std::optional<FoundExport> Registry::find_export(std::string_view name) const {
  machine::SpinGuard guard(lock_);
  auto found = exports_.find(name);
  if (found == exports_.end()) return std::nullopt;
  return found->second;
}

std::vector<Module*> Registry::modules() const {
  machine::SpinGuard guard(lock_);
  std::vector<Module*> list;
  for (auto& module : modules_) list.push_back(module.get());
  return list;
}

void Registry::add(std::unique_ptr<Module> module) {
  machine::SpinGuard guard(lock_);
  modules_.insert(modules_.begin(), std::move(module));
}

void Registry::publish_exports(Module* module) {
  machine::SpinGuard guard(lock_);
  for (const ModuleExport& symbol : module->exports) exports_[symbol.name] = {module, &symbol};
}

std::unique_ptr<Module> Registry::remove(Module* module) {
  machine::SpinGuard guard(lock_);
  auto found = std::find_if(modules_.begin(), modules_.end(),
                            [&](const auto& item) { return item.get() == module; });
  CHECK(found != modules_.end());
  std::erase_if(exports_, [&](const auto& item) { return item.second.owner == module; });
  std::unique_ptr<Module> taken = std::move(*found);
  modules_.erase(found);
  return taken;
}

}  // namespace ring3::module
