// SPDX-License-Identifier: GPL-2.0-only
// A loaded module: its image in memory, Linux's struct module inside it, its state, who uses it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "link/image.h"
#include "machine/file_tree.h"
#include "module/kmodule.h"

namespace ring3::module {

// include/linux/module.h: enum module_state.
enum class State : unsigned { kLive = 0, kComing = 1, kGoing = 2, kUnformed = 3 };

struct ModuleExport {
  std::string_view name;
  uint64_t address = 0;
  bool gpl_only = false;
  std::string_view name_space;
  bool has_crc = false;
  uint32_t crc = 0;
};

struct Module {
  std::string name;
  std::string license;
  std::string version;
  std::string srcversion;
  std::string build_id;
  std::string path;  // the file it came from, for people
  std::vector<std::string> imported_namespaces;
  std::string args;
  std::string parsed_args;  // with the NULs of parsing
  bool has_init = false;
  std::unique_ptr<link::Resolver> resolver;  // outlives the image
  std::unique_ptr<link::Image> image;
  // struct module, inside the image. Others look at it while it is being made.
  std::atomic<k::module*> kernel = nullptr;
  std::vector<ModuleExport> exports;
  std::vector<Module*> uses;       // modules whose symbols it uses
  std::vector<Module*> used_by;    // newest first
  std::atomic<int> references{1};  // Linux's refcnt: 1 while loading, +1 per user; shown minus 1
  uint64_t taints = 0;
  bool using_gpl_only_symbols = false;
  bool tables_checked = false;  // its pointers may be followed (tables.h)

  uint64_t mapped_at = 0;  // where its memory began; init memory, which goes, is at the front
  machine::File folder;    // /sys/module/NAME, from the end of its parameters on

  State state() const {
    k::module* made = kernel;
    return made ? static_cast<State>(state_word(made).load()) : State::kUnformed;
  }
  void set_state(State state) { state_word(kernel).store(static_cast<unsigned>(state)); }
  static std::atomic_ref<unsigned> state_word(k::module* made) {
    return std::atomic_ref<unsigned>(module_state(made));
  }
  uint64_t core_size() const;
  uint64_t init_size() const;
};

}  // namespace ring3::module
