// SPDX-License-Identifier: GPL-2.0-only
// What modprobe does for one module, in order: what it needs, each with its soft dependencies
// around it, then the module itself with its own.
#pragma once

#include <string>
#include <vector>

#include "index/lookup.h"

namespace ring3::index {

struct Step {
  Found module;
  std::string path;      // empty: no file (built in, or only an install command)
  bool asked = false;    // this is the module that was asked for
  bool required = true;  // false: a soft dependency, whose failure does not matter
  bool ignore_command = false;
};

// ignore_commands: of the module asked for neither the install command nor soft dependencies count.
std::vector<Step> insertion_plan(Lookup& lookup, const Found& module, bool ignore_commands);

struct SoftDependencies {
  std::vector<Found> before, after;
};
// Of all lines that match the module.
SoftDependencies soft_dependencies(Lookup& lookup, const std::string& module);

}  // namespace ring3::index
