// SPDX-License-Identifier: GPL-2.0-only
// What depmod keeps of the modules: names exported and needed, aliases and other lines of .modinfo.
// The files are read by several threads; each has its own names and texts, so they share nothing
// but the number of the next file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "index/depmod_log.h"
#include "index/depmod_tree.h"
#include "index/module_file.h"
#include "index/name_table.h"

namespace ring3::index {

struct Tag {
  enum Kind : uint8_t { Alias, SoftDependency, WeakDependency } kind;
  std::string_view value;
};

// Of one thread.
struct Shelf {
  NameTable names;
  std::vector<uint32_t> exports, imports;  // numbers of names
  // Beside them, if CRCs are asked for.
  std::vector<uint64_t> export_crcs, import_crcs;
  std::vector<bool> import_weak;
  std::vector<Tag> tags;
  Arena texts;
};

class Contents {
 public:
  struct Range {
    uint32_t begin = 0, end = 0;
  };
  struct Module {
    uint32_t shelf = 0;
    Range exports, imports, tags;
    std::string problem;  // why the file could not be read
  };

  // Reads all modules, with at most `threads` threads.
  Contents(const std::vector<TreeModule>& modules, bool crcs, unsigned threads);

  const std::vector<Module>& modules() const { return modules_; }
  const Shelf& shelf(uint32_t number) const { return *shelves_[number]; }
  uint32_t shelves() const { return static_cast<uint32_t>(shelves_.size()); }
  bool has_crcs() const { return crcs_; }
  size_t tag_count() const;

  // fn(Tag) for each tag of a module, in the order of its .modinfo.
  template <class Fn>
  void for_each_tag(size_t module, Fn&& fn) const {
    const Module& of = modules_[module];
    for (uint32_t i = of.tags.begin; i < of.tags.end; i++) fn(shelves_[of.shelf]->tags[i]);
  }

 private:
  Result<void> read(const TreeModule& from, ModuleFile& file, Shelf& shelf, Module& to) const;

  bool crcs_;
  std::vector<Module> modules_;
  std::vector<std::unique_ptr<Shelf>> shelves_;
};

}  // namespace ring3::index
