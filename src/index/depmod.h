// SPDX-License-Identifier: GPL-2.0-only
// depmod as a function: from a folder of modules to the indexes that modprobe reads.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/depmod_log.h"

namespace ring3::index {

struct DepmodOptions {
  std::string folder;         // BASE/lib/modules/VERSION, absolute
  std::string output_folder;  // where the indexes go; the same if empty
  std::string version;
  std::vector<std::string> config_paths;  // -C
  std::vector<std::string> files;         // only these, if there are any
  bool quick = false;                     // -A: do nothing if nothing is newer
  bool dry_run = false;                   // -n: the texts go to `print`, no file is written
  bool warn_duplicates = false;           // -w
  bool verbose = false;                   // -v
  bool error_symbols = false;             // -e
  std::string symvers, system_map;        // -E, -F
  char symbol_prefix = 0;                 // -P
  std::function<void(std::string_view)> print;
};

// An error is fatal, its text is for the user.
Result<void> run_depmod(const DepmodOptions& options, DepmodLog& log);

}  // namespace ring3::index
