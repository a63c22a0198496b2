// SPDX-License-Identifier: GPL-2.0-only
#include "index/names.h"

#include "host/pattern.h"

namespace ring3::index {

std::string normal_name(std::string_view text) {
  std::string result(text.substr(0, text.find('.')));
  for (char& c : result)
    if (c == '-') c = '_';
  return result;
}

bool matches(const std::string& pattern, const std::string& text) {
  return host::matches_pattern(pattern, text);
}

}  // namespace ring3::index
