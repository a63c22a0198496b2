// SPDX-License-Identifier: GPL-2.0-only
// All modules of the machine, newest first as /proc/modules shows them, and the questions asked of
// them: by name, by address, which one exports a symbol, who uses whom. What Linux does under
// module_mutex is done here under one lock: taking a name, getting a reference to another module,
// the decision that a module goes. The machine's taint bits live here too.
//
// Whoever looks into modules for longer than a question holds them back: what a Hold saw stays in
// memory until the Hold ends, as under RCU on Linux. It may sleep meanwhile, but not call module
// code (an oops there would never end it); only who gives the memory back waits for it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "machine/parking.h"
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
  Module* containing(uint64_t address) const;       // code or data of it
  bool exports(std::string_view name) const;        // some module does
  bool is_coming(std::string_view exported) const;  // its exporter has not run its init yet

  class Hold {
   public:
    explicit Hold(const Registry& registry);
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    friend class Registry;
    const Registry& registry_;
    uint64_t since_;        // the registry's epoch when it began
    Hold *older_, *newer_;  // all that there are, oldest first
  };
  // What is found may be used while the Hold lives.
  std::optional<FoundExport> find_export(std::string_view name, const Hold& hold) const;
  // The modules that have an image, newest first, held: `for (Module* m : registry.walk())`.
  class Walk {
   public:
    explicit Walk(const Registry& registry);
    auto begin() const { return list_.begin(); }
    auto end() const { return list_.end(); }

   private:
    Hold hold_;
    std::vector<Module*> list_;
  };
  Walk walk() const { return Walk(*this); }
  Module* newest() const;

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
  // The image is there: found by address and walked over from now on.
  void formed(Module* module, std::unique_ptr<link::Image> image);
  // Its init memory is no longer looked at when this returns; others may get that memory then.
  void leave_init(Module& module);
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
  // Takes the module out and waits for who holds it; its memory lives until the result is dropped.
  std::unique_ptr<Module> remove(Module* module);
  // Sleeps until must_wait() is false, asked again whenever a load or removal ends, at most until
  // the machine's time `deadline_ns`. kUnneeded: it is false.
  template <class MustWait>
  machine::Parked wait(MustWait&& must_wait, uint64_t deadline_ns = ~0ull,
                       unsigned state = machine::kInterruptible) const;
  void wake() const;

  uint64_t taints() const { return taints_.load(); }
  void add_taint(Taint taint) { taints_.fetch_or(bit(taint)); }

 private:
  Module* find_locked(std::string_view name) const;
  bool held_since(uint64_t epoch) const;
  void wait_for_holds();  // that there are now

  mutable machine::SpinLock lock_;
  std::vector<std::unique_ptr<Module>> modules_;  // newest first
  std::unordered_map<std::string_view, Module*> by_name_;
  std::map<uint64_t, Module*> by_address_;  // where the image's memory begins
  std::unordered_map<std::string_view, FoundExport> exports_;
  mutable Hold *oldest_ = nullptr, *newest_ = nullptr;
  mutable uint64_t epoch_ = 0;                // counts the waits for holds
  mutable std::atomic<int> waiting_{0};       // for holds
  mutable std::atomic<unsigned> changes_{0};  // what waiters sleep on: Linux's module_wq
  std::atomic<uint64_t> taints_{0};
};

template <class MustWait>
machine::Parked Registry::wait(MustWait&& must_wait, uint64_t deadline_ns, unsigned state) const {
  for (;;) {
    unsigned seen = changes_.load();
    if (!must_wait()) return machine::Parked::kUnneeded;
    auto parked =
        machine::Parking::park({.key = &changes_, .state = state, .deadline_ns = deadline_ns},
                               [&] { return changes_.load() == seen; });
    if (parked != machine::Parked::kTimeout && parked != machine::Parked::kSignal) continue;
    return must_wait() ? parked : machine::Parked::kUnneeded;
  }
}

}  // namespace ring3::module
