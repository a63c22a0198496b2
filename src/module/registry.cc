// SPDX-License-Identifier: GPL-2.0-only
#include "module/registry.h"

#include <algorithm>

#include "base/check.h"
#include "machine/parking.h"

namespace ring3::module {
namespace {

const char wait_queue = 0;  // Linux's module_wq

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

uint64_t Module::core_size() const { return image->core_size; }

uint64_t Module::init_size() const { return image->init_freed ? 0 : image->init_size; }

bool Registry::wait_on(uint64_t deadline_ns, bool (*must_wait)(void*), void* argument) {
  while (must_wait(argument)) {
    auto parked = machine::Parking::park(
        {.key = &wait_queue, .state = machine::kInterruptible, .deadline_ns = deadline_ns},
        [&] { return must_wait(argument); });
    if (parked == machine::Parked::kTimeout) return !must_wait(argument);
  }
  return true;
}

void Registry::wake() { machine::Parking::unpark_all(&wait_queue); }

Module* Registry::find_locked(std::string_view name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

Module* Registry::find(std::string_view name) const {
  machine::SpinGuard guard(lock_);
  return find_locked(name);
}

Module* Registry::containing(uint64_t address) const {
  machine::SpinGuard guard(lock_);
  auto after = by_address_.upper_bound(address);
  if (after == by_address_.begin()) return nullptr;
  Module* module = std::prev(after)->second;
  return contains(*module->image, address) ? module : nullptr;
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

Result<Module*> Registry::claim(std::unique_ptr<Module> module) {
  std::string_view name = module->name;
  auto loading = [&] {
    machine::SpinGuard guard(lock_);
    Module* other = find_locked(name);
    return other && (other->state() == State::kComing || other->state() == State::kUnformed);
  };
  bool waited = false;
  for (;;) {
    {
      machine::SpinGuard guard(lock_);
      Module* other = find_locked(name);
      if (!other && waited) return Error{EBUSY, ""};
      if (!other) {
        Module* taken = module.get();
        by_name_.emplace(taken->name, taken);
        modules_.insert(modules_.begin(), std::move(module));
        return taken;
      }
      if (other->state() == State::kLive) return Error{EEXIST, ""};
      if (other->state() == State::kGoing) return Error{EBUSY, ""};
    }
    wait(loading);
    waited = true;
  }
}

void Registry::formed(Module* module) {
  machine::SpinGuard guard(lock_);
  module->mapped_at = module->image->memory().value;
  by_address_.emplace(module->mapped_at, module);
}

Result<void> Registry::publish(Module* module, const FoundExport*& twin) {
  machine::SpinGuard guard(lock_);
  for (const ModuleExport& symbol : module->exports) {
    auto found = exports_.find(symbol.name);
    if (found == exports_.end()) continue;
    twin = &found->second;
    return Error{EEXIST, ""};
  }
  for (const ModuleExport& symbol : module->exports) exports_[symbol.name] = {module, &symbol};
  module->set_state(State::kComing);
  return {};
}

void Registry::set_state(Module& module, State state) {
  {
    machine::SpinGuard guard(lock_);
    module.set_state(state);
  }
  wake();
}

Result<void> Registry::use(Module& owner, Module& user) {
  machine::SpinGuard guard(lock_);
  auto& uses = user.uses;
  if (std::find(uses.begin(), uses.end(), &owner) != uses.end()) return {};
  if (owner.state() == State::kComing) return Error{EBUSY, ""};
  if (owner.state() != State::kLive) return Error{ENOENT, ""};
  uses.push_back(&owner);
  owner.used_by.insert(owner.used_by.begin(), &user);
  owner.references++;
  return {};
}

Result<Module*> Registry::begin_removal(std::string_view name, Removal& removal) {
  machine::SpinGuard guard(lock_);
  Module* module = find_locked(name);
  if (!module || module->state() == State::kUnformed) return Error{ENOENT, ""};
  if (!module->used_by.empty()) return Error{EAGAIN, ""};
  if (module->state() != State::kLive) return Error{EBUSY, ""};
  if (module->has_init && !module_exit(module->kernel)) {
    if (!removal.force) return Error{EBUSY, ""};
    removal.forced = true;
  }
  int idle = 0;
  if (!module->references.compare_exchange_strong(idle, -1)) {
    if (!removal.force) return Error{EAGAIN, ""};
    removal.forced = true;
  }
  module->set_state(State::kGoing);
  return module;
}

std::unique_ptr<Module> Registry::remove(Module* module) {
  std::unique_ptr<Module> taken;
  {
    machine::SpinGuard guard(lock_);
    auto found = std::find_if(modules_.begin(), modules_.end(),
                              [&](const auto& item) { return item.get() == module; });
    CHECK(found != modules_.end());
    for (Module* used : module->uses) {
      std::erase(used->used_by, module);
      used->references--;
    }
    for (const ModuleExport& symbol : module->exports) {
      auto exported = exports_.find(symbol.name);
      if (exported != exports_.end() && exported->second.owner == module) exports_.erase(exported);
    }
    by_name_.erase(module->name);
    if (module->mapped_at) by_address_.erase(module->mapped_at);
    taken = std::move(*found);
    modules_.erase(found);
  }
  wake();
  return taken;
}

}  // namespace ring3::module
