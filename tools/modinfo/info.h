// SPDX-License-Identifier: GPL-2.0-only
// What is known about one module: the entries of its .modinfo in their order, then the signature's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/module_file.h"

namespace ring3::kmod {

struct InfoEntry {
  std::string_view key;
  std::string value;
};

struct ModuleInfo {
  std::string name;
  std::string filename;  // "(builtin)" for what is part of the kernel
  bool builtin = false;
  std::vector<InfoEntry> entries;
};

// Adds what the file says. `file` keeps what the entries point to.
Result<void> read_file_info(index::ModuleFile& file, ModuleInfo& info);

// The lines of modules.builtin.modinfo ("name.key=value") of this module.
void read_builtin_info(std::string_view text, ModuleInfo& info);

// The GNU build identifier of the file, hexadecimal; empty if it has none.
std::string build_id(index::ModuleFile& file);

// "01:A2:..", 20 bytes a line.
std::string hex_lines(Bytes bytes);

}  // namespace ring3::kmod
