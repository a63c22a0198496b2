// SPDX-License-Identifier: GPL-2.0-only
#include "host/pattern.h"

#include <fnmatch.h>

namespace ring3::host {

bool matches_pattern(const std::string& pattern, const std::string& text) {
  return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

}  // namespace ring3::host
