// SPDX-License-Identifier: GPL-2.0-only
// From what somebody asks for to modules: a name, an alias of the configuration or of the indexes,
// a symbol that a module exports, the name of an install command, or something built into the
// kernel. The first of these sources that knows it gives the answer, and it may be several modules.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "index/config.h"
#include "index/index_file.h"

namespace ring3::index {

struct Found {
  std::string name;
  std::string alias;  // by which it was found; empty: by its name
  bool builtin = false;
};

// A module's line of modules.dep.
struct DependencyEntry {
  struct File {
    std::string name, path;
  };
  std::string path;
  std::vector<File> dependencies;  // what needs nothing first
};

class Lookup {
 public:
  // `folder` is /lib/modules/RELEASE; paths of modules.dep are below it.
  Lookup(std::string folder, const Config& config, Diagnostics& diagnostics);

  const std::string& folder() const { return folder_; }
  const Config& config() const { return config_; }

  std::vector<Found> resolve(std::string_view text);
  // Only names of modules, loadable and built in.
  std::vector<Found> resolve_name(std::string_view text);

  const DependencyEntry* entry(const std::string& name);  // null: not in modules.dep
  bool builtin(const std::string& name);
  // A file that is loaded under its name instead of what modules.dep has.
  void set_path(const std::string& name, const std::string& path);

  IndexFile& aliases() { return aliases_; }
  IndexFile& symbols() { return symbols_; }

 private:
  std::vector<Found> in_config(const std::string& text) const;
  std::vector<Found> in_commands(const std::string& text) const;
  std::vector<Found> named(const std::string& text);
  std::vector<Found> in_builtin(const std::string& text);

  std::string folder_;
  const Config& config_;
  IndexFile dep_, aliases_, symbols_, builtin_, builtin_aliases_;
  std::map<std::string, DependencyEntry> entries_;
};

}  // namespace ring3::index
