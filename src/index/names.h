// SPDX-License-Identifier: GPL-2.0-only
// Names of modules as people and devices write them; module_names.h has those of files and aliases.
#pragma once

#include <string>
#include <string_view>

namespace ring3::index {

// The part before the first dot, with underscores for dashes, as the kernel has it.
std::string normal_name(std::string_view text);
// fnmatch(3) without flags.
bool matches(const std::string& pattern, const std::string& text);

}  // namespace ring3::index
