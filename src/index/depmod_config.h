// SPDX-License-Identifier: GPL-2.0-only
// depmod.d: which of several files with one module's name counts, and where else to look.
//
//   search DIR...             from the most important folder to the least; `built-in` stands for
//   all
//                             that are not named, `external` for the external folders
//   override MOD KVER SUBDIR  this file before all others
//   external KVER DIR         another folder with modules
//   exclude NAME...           folders that are not looked into
//
// KVER is `*` or an extended regular expression that the version must match somewhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "index/depmod_log.h"

namespace ring3::index {

struct DepmodConfig {
  struct Search {
    enum Kind { Folder, BuiltIn, External } kind;
    std::string folder;
  };
  // The least important first.
  std::vector<Search> searches;
  // "SUBDIR/MOD", the last line first.
  std::vector<std::string> overrides;
  std::vector<std::string> externals;
  std::vector<std::string> excludes;

  // Folders and files named with -C, or the system's.
  static DepmodConfig load(const std::vector<std::string>& paths, const std::string& version,
                           DepmodLog& log);
  void parse(std::string_view text, const std::string& file, const std::string& version,
             DepmodLog& log);

  bool excludes_folder(std::string_view name) const;
  // Does a newly found file replace the one found before? Both are paths below the folder of
  // modules without .ko, or absolute where they lie elsewhere.
  bool replaces(std::string_view found, std::string_view before) const;
};

}  // namespace ring3::index
