// SPDX-License-Identifier: GPL-2.0-only
// How the name of a module follows from the name of its file, and how an alias is written as a key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ring3::index {

// Does the name of a file end as those of modules do (.ko, or that with .gz, .xz, .zst)?
bool is_module_file(std::string_view file);
// The path without .gz, .xz or .zst.
std::string_view without_packing(std::string_view path);
// "/lib/.../snd-pcm.ko.xz": "snd_pcm". The name ends at the first dot.
std::string module_name_of(std::string_view path);
// With '_' for each '-' outside of [...]; nothing when a bracket has no partner.
std::optional<std::string> normalized_alias(std::string_view alias);

}  // namespace ring3::index
