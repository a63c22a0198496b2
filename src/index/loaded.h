// SPDX-License-Identifier: GPL-2.0-only
// What a kernel says about the modules in it, by /proc/modules and /sys/module.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/kernel_interface.h"

namespace ring3::index {

enum class ModuleState { kNone, kComing, kLive, kGoing };
// From initstate; a folder without that file is a module that is coming (or built in).
ModuleState module_state(KernelInterface& kernel, const std::string& name);
// Nothing: it is not loaded, or the kernel cannot unload.
std::optional<long> reference_count(KernelInterface& kernel, const std::string& name);
// Modules that use this one, in the kernel's order.
std::vector<std::string> holders(KernelInterface& kernel, const std::string& name);

// A line of /proc/modules.
struct LoadedModule {
  std::string_view name;
  std::string_view size;
  std::string_view references;            // "-": the kernel cannot unload
  std::vector<std::string_view> used_by;  // without [permanent]
  std::string_view state;                 // Live, Loading, Unloading
  std::string_view taints;                // "(OE)" or empty
};
// `text` must outlive them.
std::vector<LoadedModule> parse_loaded(std::string_view text);

}  // namespace ring3::index
