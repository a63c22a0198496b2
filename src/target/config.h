// SPDX-License-Identifier: GPL-2.0-only
// A kernel configuration: the `CONFIG_X=value` lines of .config, include/config/auto.conf or
// /boot/config-RELEASE. "# CONFIG_X is not set" and absence are the same.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ring3::target {

class Config {
 public:
  explicit Config(std::string text = {});

  // "y", "m", a number or a text without its quotes; nothing when the option is off.
  std::optional<std::string_view> find(std::string_view option) const;
  bool yes(std::string_view option) const { return find(option) == "y"; }
  bool empty() const { return options_.empty(); }
  const std::unordered_map<std::string_view, std::string_view>& options() const { return options_; }

  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;

 private:
  std::string text_;
  std::unordered_map<std::string_view, std::string_view> options_;
};

}  // namespace ring3::target
