// SPDX-License-Identifier: GPL-2.0-only
// All modules of the machine, newest first as /proc/modules shows them, and the questions asked of
// them: by name, by address, which one exports a symbol. The machine's taint bits live here too.
#pragma once

#include <functional>
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

  void add(std::unique_ptr<Module> module);
  // Takes the module out; its memory lives until the result is dropped.
  std::unique_ptr<Module> remove(Module* module);
  void publish_exports(Module* module);

  uint64_t taints() const { return taints_.load(); }
  void add_taint(Taint taint) { taints_.fetch_or(bit(taint)); }

 private:
  mutable machine::SpinLock lock_;
  std::vector<std::unique_ptr<Module>> modules_;  // newest first
  std::unordered_map<std::string_view, FoundExport> exports_;
  std::atomic<uint64_t> taints_{0};
};

}  // namespace ring3::module
