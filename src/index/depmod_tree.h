// SPDX-License-Identifier: GPL-2.0-only
// Which module files count, and in which order: the files below the folder of modules (and those of
// external folders), one for each name, sorted by modules.order. The order decides much of what is
// written: priorities, the order of lines, and which of two modules exports a symbol.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "host/folder_walk.h"
#include "index/depmod_config.h"

namespace ring3::index {

struct TreeModule {
  std::string path;     // absolute
  std::string name;     // as modprobe calls it
  size_t relative = 0;  // where in `path` the part begins that modules.dep has
  std::string_view shown() const { return std::string_view(path).substr(relative); }
};

class ModuleTree {
 public:
  // `folder` is absolute: BASE/lib/modules/VERSION.
  ModuleTree(std::string folder, const DepmodConfig& config, unsigned threads, DepmodLog& log)
      : folder_(std::move(folder)), config_(config), threads_(threads), log_(log) {}

  // The whole folder and the external ones. Fails (and has said why) if the folder cannot be read.
  Result<void> find_all();
  // One file, by its absolute path.
  void add(std::string path);
  // Puts the modules in order.
  void sort();

  const std::string& folder() const { return folder_; }
  const std::vector<TreeModule>& modules() const { return modules_; }

 private:
  struct Entry {
    std::string path;
    host::EntryKind kind;
    uint32_t folder;  // of a folder: its number
  };
  struct Folder {
    std::string path;
    std::vector<Entry> entries;  // in readdir's order
    int error = 0;               // of opening it
    std::vector<std::string> problems;
  };

  void list(Folder& folder) const;
  void add_below(const std::vector<Folder>& folders, uint32_t top);
  std::string_view relative(std::string_view path) const;

  std::string folder_;
  const DepmodConfig& config_;
  unsigned threads_;
  DepmodLog& log_;
  std::vector<TreeModule> modules_;
  std::unordered_map<std::string, uint32_t> by_name_;
};

// For -A: is a module below the folder newer than modules.dep, or there no such file? Excluded
// folders count as well, as with kmod.
Result<bool> newer_than_dep(const std::string& folder, const std::string& dep_file);

}  // namespace ring3::index
