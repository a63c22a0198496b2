// SPDX-License-Identifier: GPL-2.0-only
// Module.symvers: one line an exported symbol, fields separated by tabs. Two layouts exist and one
// file may not mix them on purpose, but each line is read by itself:
//
//   crc  name  module  EXPORT_SYMBOL[_GPL]  [namespace]     since Linux 5.8; four fields before 5.4
//   crc  name  namespace  module  EXPORT_SYMBOL[_GPL]       Linux 5.4 to 5.7
//
// Which it is shows in the field that begins with EXPORT_.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"

namespace ring3::target {

struct SymversLine {
  std::string_view name;
  uint32_t crc = 0;
  bool gpl_only = false;
  std::string_view name_space;
  std::string_view module;
};

// The views point into `text`. Lines that are none of the layouts are warned about, with their
// number, and left out; a file without one good line is an error.
Result<std::vector<SymversLine>> parse_symvers(std::string_view text, const std::string& file_name,
                                               Diagnostics& diagnostics);

}  // namespace ring3::target
