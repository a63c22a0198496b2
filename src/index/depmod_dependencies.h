// SPDX-License-Identifier: GPL-2.0-only
// Which module needs which: first directly, by symbols, then all that have to be loaded before, in
// the order of one sort of all modules in which each stands before those that it needs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "index/depmod_contents.h"
#include "index/depmod_symbols.h"
#include "index/depmod_tree.h"

namespace ring3::index {

struct DependencyChecks {
  bool unknown = false;   // -e: warn of symbols that nobody exports
  bool versions = false;  // -E: and of those that have another CRC
  bool show = false;      // -v: say which symbol makes a module need another
};

class Dependencies {
 public:
  Dependencies(const std::vector<TreeModule>& modules, const Contents& contents,
               const Symbols& symbols, const DependencyChecks& checks, DepmodLog& log);

  // Sorts. Fails if modules need each other in a circle; each one is reported.
  Result<void> sort(DepmodLog& log);

  // All that module `module` needs, also indirectly, in the order of modules.dep. After sort();
  // `seen` is the caller's and may be reused.
  struct Seen {
    std::vector<uint32_t> stamp, found;
    uint32_t round = 0;
  };
  const std::vector<uint32_t>& all_of(uint32_t module, Seen& seen) const;

 private:
  std::pair<const uint32_t*, const uint32_t*> direct(uint32_t module) const {
    return {direct_.data() + begin_[module], direct_.data() + begin_[module + 1]};
  }
  Error report_circles(DepmodLog& log) const;
  std::vector<uint32_t> components() const;
  std::vector<uint32_t> circle(uint32_t start, const std::vector<uint32_t>& component) const;

  const std::vector<TreeModule>& modules_;
  std::vector<uint32_t> begin_, direct_;  // direct_[begin_[i], begin_[i+1]) is what i needs
  std::vector<uint32_t> place_;           // in the sort
};

}  // namespace ring3::index
