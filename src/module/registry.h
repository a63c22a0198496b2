// SPDX-License-Identifier: GPL-2.0-only
// All modules of the machine, newest first as /proc/modules shows them, and the questions asked of
// them: by name, by address, which one exports a symbol, who uses whom. What Linux does under
// module_mutex is done here under one lock: taking a name, getting a reference to another module,
// the decision that a module goes. The machine's taint bits live here too.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "machine/spinlock.h"
#include "module/module.h"
#include "module/taint.h"

namespace ring3::module {

struct FoundExport {
  Module* owner;
  const ModuleExport* symbol;
};

class Registry {
 public:
  Module* find(std::string_view name) const;
  Module* containing(uint64_t address) const;  // code or data of it
  std::optional<FoundExport> find_export(std::string_view name) const;
  std::vector<Module*> modules() const;  // newest first
  // Under the lock: `look` may not come back here.
  template <class Look>
  void for_each(Look&& look) const {
    machine::SpinGuard guard(lock_);
    for (const auto& module : modules_) look(*module);
  }
  template <class Look>
  void for_each_user(const Module& module, Look&& look) const {
    machine::SpinGuard guard(lock_);
    for (Module* user : module.used_by) look(*user);
  }

  // Takes the module's name (add_unformed_module). EEXIST: a live module has it. EBUSY: one that is
  // going has it, or the load that was waited for failed.
  Result<Module*> claim(std::unique_ptr<Module> module);
  // The image is there: found by address from now on.
  void formed(Module* module);
  // complete_formation: exports and the new state appear together. EEXIST: another module exports
  // one of the symbols.
  Result<void> publish(Module* module, const FoundExport*& twin);
  void set_state(Module& module, State state);
  // `user` refers to symbols of `owner` (ref_module). EBUSY: not initialised yet; ENOENT: going.
  Result<void> use(Module& owner, Module& user);
  // The decision of delete_module(2): the module is going when this returns. Errors as there.
  struct Removal {
    bool force = false;   // O_TRUNC
    bool forced = false;  // out: what Linux refuses without it was done
  };
  Result<Module*> begin_removal(std::string_view name, Removal& removal);
  // Takes the module out; its memory lives until the result is dropped.
  std::unique_ptr<Module> remove(Module* module);

  // Sleeps until must_wait() is false, asked again whenever a load or removal ends, at most until
  // the machine's time `deadline_ns`. False: time is over.
  template <class MustWait>
  static bool wait(MustWait&& must_wait, uint64_t deadline_ns = ~0ull);
  static void wake();

  uint64_t taints() const { return taints_.load(); }
  void add_taint(Taint taint) { taints_.fetch_or(bit(taint)); }

 private:
  Module* find_locked(std::string_view name) const;
  static bool wait_on(uint64_t deadline_ns, bool (*must_wait)(void*), void* argument);

  mutable machine::SpinLock lock_;
  std::vector<std::unique_ptr<Module>> modules_;  // newest first
  std::unordered_map<std::string_view, Module*> by_name_;
  std::map<uint64_t, Module*> by_address_;  // of the image's memory
  std::unordered_map<std::string_view, FoundExport> exports_;
  std::atomic<uint64_t> taints_{0};
};

template <class MustWait>
bool Registry::wait(MustWait&& must_wait, uint64_t deadline_ns) {
  auto call = [](void* argument) {
    return (*static_cast<std::remove_reference_t<MustWait>*>(argument))();
  };
  return wait_on(deadline_ns, call, &must_wait);
}

}  // namespace ring3::module
