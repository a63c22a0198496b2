// SPDX-License-Identifier: GPL-2.0-only
#include "index/plan.h"

#include <set>

#include "index/names.h"

namespace ring3::index {
namespace {

class Planner {
 public:
  Planner(Lookup& lookup, const Found& asked) : lookup_(lookup), asked_(asked) {
    required_.insert(asked.name);
    if (const DependencyEntry* entry = lookup.entry(asked.name))
      for (const auto& dependency : entry->dependencies) required_.insert(dependency.name);
  }

  // The module with all that it needs. Each is entered once, so that soft dependencies that form a
  // circle end.
  void add(const Found& module, bool ignore_commands) {
    if (!visited_.insert(module.name).second) return;
    const DependencyEntry* entry = lookup_.entry(module.name);
    if (entry)
      for (const auto& dependency : std::vector(entry->dependencies))
        add_with_soft({dependency.name, "", false}, dependency.path);
    std::string path = entry ? entry->path : "";
    if (ignore_commands)
      append(module, path, true);
    else
      add_with_soft(module, path);
  }

  std::vector<Step> take() { return std::move(steps_); }

 private:
  void add_with_soft(const Found& module, const std::string& path) {
    SoftDependencies soft = soft_dependencies(lookup_, module.name);
    for (const Found& before : soft.before) add(before, false);
    append(module, path, false);
    for (const Found& after : soft.after) add(after, false);
  }

  void append(const Found& module, const std::string& path, bool ignore_command) {
    bool asked = module.name == asked_.name && module.alias == asked_.alias;
    steps_.push_back({module, path, asked, required_.contains(module.name), ignore_command});
  }

  Lookup& lookup_;
  const Found& asked_;
  std::set<std::string> visited_, required_;
  std::vector<Step> steps_;
};

}  // namespace

SoftDependencies soft_dependencies(Lookup& lookup, const std::string& module) {
  SoftDependencies soft;
  for (const ConfigSoftdep& dep : lookup.config().softdeps) {
    if (!matches(dep.pattern, module)) continue;
    for (const auto& [names, list] :
         {std::pair(&dep.before, &soft.before), std::pair(&dep.after, &soft.after)})
      for (const std::string& name : *names)
        for (Found& found : lookup.resolve(name)) list->push_back(std::move(found));
  }
  return soft;
}

std::vector<Step> insertion_plan(Lookup& lookup, const Found& module, bool ignore_commands) {
  Planner planner(lookup, module);
  planner.add(module, ignore_commands);
  return planner.take();
}

}  // namespace ring3::index
