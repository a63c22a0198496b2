// SPDX-License-Identifier: GPL-2.0-only
#include "module/registry.h"

#include <algorithm>

#include "base/check.h"

namespace ring3::module {
uint64_t Module::core_size() const { return image->core_size; }

uint64_t Module::init_size() const { return image->init_freed ? 0 : image->init_size; }

Registry::Hold::Hold(const Registry& registry) : registry_(registry), newer_(nullptr) {
  machine::SpinGuard guard(registry.lock_);
  since_ = registry.epoch_;
  older_ = registry.newest_;
  (older_ ? older_->newer_ : registry.oldest_) = this;
  registry.newest_ = this;
}

Registry::Hold::~Hold() {
  {
    machine::SpinGuard guard(registry_.lock_);
    (older_ ? older_->newer_ : registry_.oldest_) = newer_;
    (newer_ ? newer_->older_ : registry_.newest_) = older_;
  }
  if (registry_.waiting_.load()) registry_.wake();
}

bool Registry::held_since(uint64_t epoch) const {
  machine::SpinGuard guard(lock_);
  return oldest_ && oldest_->since_ <= epoch;
}

void Registry::wait_for_holds() {
  uint64_t epoch;
  {
    machine::SpinGuard guard(lock_);
    if (!oldest_) return;
    epoch = epoch_++;
  }
  waiting_++;
  wait([&] { return held_since(epoch); }, ~0ull, machine::kUninterruptible);
  waiting_--;
}

Registry::Walk::Walk(const Registry& registry) : hold_(registry) {
  registry.for_each([&](Module& module) {
    if (module.image) list_.push_back(&module);
  });
}

void Registry::wake() const {
  changes_++;
  machine::Parking::unpark_all(&changes_);
}

Module* Registry::newest() const {
  machine::SpinGuard guard(lock_);
  return modules_.empty() ? nullptr : modules_.front().get();
}

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
  return module->image->region_of(address) ? module : nullptr;
}

std::optional<FoundExport> Registry::find_export(std::string_view name, const Hold& hold) const {
  CHECK(&hold.registry_ == this);
  machine::SpinGuard guard(lock_);
  auto found = exports_.find(name);
  if (found == exports_.end()) return std::nullopt;
  return found->second;
}

bool Registry::exports(std::string_view name) const {
  machine::SpinGuard guard(lock_);
  return exports_.contains(name);
}

bool Registry::is_coming(std::string_view exported) const {
  machine::SpinGuard guard(lock_);
  auto found = exports_.find(exported);
  return found != exports_.end() && found->second.owner->state() == State::kComing;
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
    if (wait(loading) == machine::Parked::kSignal) return Error{EINTR, ""};
    waited = true;
  }
}

void Registry::formed(Module* module, std::unique_ptr<link::Image> image) {
  machine::SpinGuard guard(lock_);
  module->image = std::move(image);
  module->mapped_at = module->image->memory().value;
  by_address_.emplace(module->mapped_at, module);
}

void Registry::leave_init(Module& module) {
  {
    machine::SpinGuard guard(lock_);
    module.image->leave_init();
    by_address_.erase(module.image->memory().value);
    if (auto core = module.image->core_memory()) by_address_.emplace(core.value, &module);
  }
  wait_for_holds();
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
    if (auto found_at = by_address_.find(module->image ? module->image->memory().value : 0);
        found_at != by_address_.end() && found_at->second == module)
      by_address_.erase(found_at);
    taken = std::move(*found);
    modules_.erase(found);
  }
  wake();
  wait_for_holds();
  return taken;
}

}  // namespace ring3::module
