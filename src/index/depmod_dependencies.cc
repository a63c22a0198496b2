// SPDX-License-Identifier: GPL-2.0-only
// The sort takes from a stack the modules that nobody (left) needs, beginning with the last one. It
// is kmod's order: modules.dep shows it, and modprobe loads by it.
#include "index/depmod_dependencies.h"

#include <fmt/format.h>

#include <algorithm>

namespace ring3::index {

Dependencies::Dependencies(const std::vector<TreeModule>& modules, const Contents& contents,
                           const Symbols& symbols, const DependencyChecks& checks, DepmodLog& log)
    : modules_(modules) {
  // Each name is looked up once for each shelf.
  std::vector<std::vector<uint32_t>> meant(contents.shelves());
  for (uint32_t i = 0; i < contents.shelves(); i++) {
    const NameTable& names = contents.shelf(i).names;
    meant[i].resize(names.size());
    for (uint32_t name = 0; name < names.size(); name++)
      meant[i][name] = symbols.find(names.name(name));
  }
  uint32_t count = static_cast<uint32_t>(modules.size());
  std::vector<uint32_t> stamp(count, UINT32_MAX);
  begin_.reserve(count + 1);
  for (uint32_t module = 0; module < count; module++) {
    begin_.push_back(static_cast<uint32_t>(direct_.size()));
    const Contents::Module& of = contents.modules()[module];
    const Shelf& shelf = contents.shelf(of.shelf);
    const std::string& path = modules[module].path;
    for (uint32_t i = of.imports.begin; i < of.imports.end; i++) {
      uint32_t name = shelf.imports[i], symbol = meant[of.shelf][name];
      if (symbol == NameTable::kNone) {
        if (checks.unknown && !shelf.import_weak[i])
          log.warning(fmt::format("{} needs unknown symbol {}", path, shelf.names.name(name)));
        continue;
      }
      const Symbols::Symbol& found = symbols.symbol(symbol);
      if (checks.unknown && checks.versions && found.crc != shelf.import_crcs[i] &&
          !shelf.import_weak[i])
        log.warning(
            fmt::format("{} disagrees about version of symbol {}", path, shelf.names.name(name)));
      if (found.owner == Symbols::kKernel || found.owner == module || stamp[found.owner] == module)
        continue;
      stamp[found.owner] = module;
      direct_.push_back(found.owner);
      if (checks.show)
        log.show(fmt::format("{} needs \"{}\": {}", path, symbols.name(symbol),
                             modules[found.owner].path));
    }
  }
  begin_.push_back(static_cast<uint32_t>(direct_.size()));
}

Result<void> Dependencies::sort(DepmodLog& log) {
  uint32_t count = static_cast<uint32_t>(modules_.size()), sorted = 0;
  std::vector<uint32_t> users(count), free;
  for (uint32_t module : direct_) users[module]++;
  for (uint32_t module = 0; module < count; module++)
    if (!users[module]) free.push_back(module);
  place_.assign(count, 0);
  while (!free.empty()) {
    uint32_t module = free.back();
    free.pop_back();
    place_[module] = sorted++;
    auto [at, end] = direct(module);
    for (; at != end; ++at)
      if (!--users[*at]) free.push_back(*at);
  }
  if (sorted == count) return {};
  return report_circles(log);
}

const std::vector<uint32_t>& Dependencies::all_of(uint32_t module, Seen& seen) const {
  if (seen.stamp.empty()) seen.stamp.assign(modules_.size(), 0);
  seen.round++;
  seen.found.clear();
  auto add = [&](uint32_t of) {
    auto [at, end] = direct(of);
    for (; at != end; ++at) {
      if (seen.stamp[*at] == seen.round) continue;
      seen.stamp[*at] = seen.round;
      seen.found.push_back(*at);
    }
  };
  add(module);
  for (size_t i = 0; i < seen.found.size(); i++) add(seen.found[i]);
  std::sort(seen.found.begin(), seen.found.end(),
            [&](uint32_t a, uint32_t b) { return place_[a] < place_[b]; });
  return seen.found;
}

}  // namespace ring3::index
