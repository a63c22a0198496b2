// SPDX-License-Identifier: GPL-2.0-only
// One .ko file into the kernel, as insmod and modprobe do it: by its descriptor where the kernel
// can read the file itself, else unpacked here.
#pragma once

#include <string>
#include <vector>

#include "index/kernel_interface.h"

namespace ring3::index {

struct InsertFlags {
  bool ignore_modversions = false;
  bool ignore_vermagic = false;
};

// Error::code is the kernel's errno, or that of opening or unpacking the file; the text, where
// there is one, says more.
Result<void> insert_module(KernelInterface& kernel, const std::string& path,
                           const std::string& args, InsertFlags flags);

// For kernels that cannot be told to ignore them: makes __versions and the vermagic invisible.
Result<void> hide_checks(std::vector<std::byte>& image, InsertFlags flags);

// What the kernel calls the module in this file: its .modinfo says so, else its path.
std::string name_in_file(const std::string& path);

// Of the log lines of a load that failed, those that tell why.
std::vector<std::string> causes(const std::vector<LogLine>& log, const std::string& module);

}  // namespace ring3::index
