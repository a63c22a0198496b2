// SPDX-License-Identifier: GPL-2.0-only
// Colours of the output: on a terminal that has them unless terminal-colors.d(5) says no, and with
// the sequences that a scheme file there gives.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "settings.h"

namespace ring3::dmesg {

enum class Color { kSubsystem, kTime, kNewMinute, kAlert, kCritical, kError, kWarning, kSegfault };

class Colors {
 public:
  static constexpr const char* kReset = "\033[0m";

  explicit Colors(ColorMode mode);
  bool on() const { return on_; }
  const std::string& sequence(Color color) const { return sequences_[static_cast<size_t>(color)]; }

 private:
  void read_scheme(const std::string& path);

  bool on_ = false;
  std::array<std::string, 8> sequences_;
};

// By the level; a lesser message may tell of a crash.
std::optional<Color> message_color(int level, std::string_view text);
// The part that says who speaks: up to the first colon with a blank and something behind it.
size_t subsystem_size(std::string_view text);

}  // namespace ring3::dmesg
