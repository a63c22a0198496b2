// SPDX-License-Identifier: GPL-2.0-only
#include "target/config.h"

#include <utility>

#include "base/text.h"

namespace ring3::target {

Config::Config(std::string text) : text_(std::move(text)) {
  for_each_line(text_, [this](std::string_view line) {
    if (!line.starts_with("CONFIG_")) return;
    size_t equals = line.find('=');
    if (equals == std::string_view::npos) return;
    std::string_view value = line.substr(equals + 1);
    // Kconfig escapes only the quote and the backslash; the values that use it are nobody's
    // business here, so they stay as written.
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    options_.insert_or_assign(line.substr(0, equals), value);
  });
}

std::optional<std::string_view> Config::find(std::string_view option) const {
  auto found = options_.find(option);
  if (found == options_.end() || found->second == "n") return std::nullopt;
  return found->second;
}

}  // namespace ring3::target
