// SPDX-License-Identifier: GPL-2.0-only
// What is in a folder, with the kind of each entry: readdir's word for it, or stat's where readdir
// does not know or says "symbolic link".
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ring3::host {

enum class EntryKind { File, Folder, Other, Broken };

// Calls fn(name, kind) in readdir's order, without "." and "..". An entry of which stat fails is
// Broken (errno is its error).
Result<void> for_each_entry(const std::string& path,
                            const std::function<void(std::string_view, EntryKind)>& fn);

}  // namespace ring3::host
