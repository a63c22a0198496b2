// SPDX-License-Identifier: GPL-2.0-only
// What a census does with modules in a child: read and link one, load one with its dependencies.
// Answers cross the pipe as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "target/target.h"

namespace ring3::tools {

struct Survey {
  std::string name;     // empty when the reader refuses the file
  std::string problem;  // why it cannot be linked (or read); empty when it can
  std::vector<std::string> imports, exports;

  std::string to_text() const;
  static Survey from_text(std::string_view text);
};
// A Survey. Linking gives every symbol the same address: whether it exists is not asked here.
std::string survey_module(const std::string& path, const target::Target& target);

struct LoadOutcome {
  bool reached_init = false;  // of the last module
  std::string problem;        // empty when its init returned 0

  static LoadOutcome from_text(std::string_view text);
};
// A LoadOutcome of loading these, in order, into a new machine, which stays: the child ends after.
std::string load_modules(const std::vector<std::string>& paths, const target::Target& target);

}  // namespace ring3::tools
