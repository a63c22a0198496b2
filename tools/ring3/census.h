// SPDX-License-Identifier: GPL-2.0-only
// ring3 api census DIR.
#pragma once

#include <cstddef>
#include <string>

namespace ring3::tools {

struct CensusArguments {
  std::string kernel, directory;
  std::string at_least;  // a file with figures that may not be undercut
  size_t missing = 0;    // how many of the most wanted missing symbols are printed
  bool json = false, quick = false, failures = false;
};
int census(const CensusArguments& arguments);

}  // namespace ring3::tools
