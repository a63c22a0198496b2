// SPDX-License-Identifier: GPL-2.0-only
// What the parts of modprobe share: the options, the kernel, the configuration and the indexes.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "index/config.h"
#include "index/kernel_interface.h"
#include "index/lookup.h"

namespace ring3::kmod {

struct ModprobeOptions {
  bool all = false, remove = false, remove_holders = false;
  bool first_time = false, ignore_commands = false, use_blacklist = false;
  bool force_modversion = false, force_vermagic = false;
  bool resolve = false, show_depends = false, show_config = false;
  bool show_modversions = false, show_exports = false;
  bool dry_run = false, json = false;
  unsigned long wait_ms = 0;
  std::string folder;  // /lib/modules/RELEASE
  std::vector<std::string> config_paths;
};

class Modprobe {
 public:
  Modprobe(const ModprobeOptions& options, index::KernelInterface& kernel,
           const index::Config& config, index::Lookup& lookup)
      : options_(options), kernel_(kernel), config_(config), lookup_(lookup) {}

  // Each returns false when something failed, which it has said then.
  bool insert(const std::string& text, const std::string& arguments);
  bool remove(const std::string& text);
  bool show_config();
  bool show_modversions(const std::string& text);
  bool show_exports(const std::string& text);
  // After the last insert of `-D --json`.
  void finish();

 private:
  bool showing() const;
  bool in_kernel(const index::Found& module);
  // Fatal, or with -a a warning; and who uses the module `used`.
  void complain(std::string_view text, const std::string& used = "");
  std::vector<index::Found> resolve(const std::string& text);
  int probe(const index::Found& module, const std::string& arguments,
            std::vector<std::string>& causes);
  int load(const index::Found& module, const std::string& path, const std::string& arguments,
           std::vector<std::string>& causes);
  int run_command(const char* type, const std::string& module, const std::string& command,
                  const std::string& arguments);
  void show_action(const index::Found& module, const std::string& path, const std::string* command,
                   const std::string& arguments);

  enum RemoveFlags : unsigned { kHolders = 1, kIgnoreBuiltin = 2 };
  int remove_module(const index::Found& module, unsigned flags);
  int remove_list(const std::vector<index::Found>& modules, bool stop);
  int delete_module(const std::string& name);
  void tell_users(const std::string& name);

  std::string file_of(const std::string& text);
  void show_config_json();

  const ModprobeOptions& options_;
  index::KernelInterface& kernel_;
  const index::Config& config_;
  index::Lookup& lookup_;
  std::set<std::string> removing_;
  struct Action {
    std::string action, module, path, command, options;
  };
  std::vector<Action> actions_;  // -D --json
};

}  // namespace ring3::kmod
