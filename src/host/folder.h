// SPDX-License-Identifier: GPL-2.0-only
// Folders, and small text files. Through opendir, open and stat of libc, so that a preloaded
// library sees every access.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace ring3::host {

// In the order of readdir, without "." and "..".
Result<std::vector<std::string>> list_folder(const std::string& path);
// A file whose size stat may not know (/proc, /sys), at most `limit` bytes.
Result<std::string> read_text(const std::string& path, size_t limit = size_t{1} << 30);

}  // namespace ring3::host
