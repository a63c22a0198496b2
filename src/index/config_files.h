// SPDX-License-Identifier: GPL-2.0-only
// Which files are configuration. All folders together make one list, in the order of the files'
// names; of two files with one name that of the earlier folder counts, so that /etc replaces what a
// package brought.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "index/config.h"
#include "index/kernel_interface.h"

namespace ring3::index {

// /etc/modprobe.d and the others, earlier ones first.
std::vector<std::string> default_config_paths();

// The files below `paths` (folders or files), and modules.softdep and modules.weakdep of `folder`,
// the folder of a kernel's modules.
std::vector<std::string> config_files(const std::vector<std::string>& paths,
                                      const std::string& folder, Diagnostics& diagnostics);

// All of it read, the kernel's command line last.
Config read_config(const std::vector<std::string>& paths, const std::string& folder,
                   KernelInterface& kernel, Diagnostics& diagnostics);

}  // namespace ring3::index
