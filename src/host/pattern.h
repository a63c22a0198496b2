// SPDX-License-Identifier: GPL-2.0-only
// Shell patterns (* ? [...]) as fnmatch understands them without flags: a slash or a leading dot is
// nothing special, a backslash quotes.
#pragma once

#include <string>

namespace ring3::host {

bool matches_pattern(const std::string& pattern, const std::string& text);

}  // namespace ring3::host
