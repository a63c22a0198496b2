// SPDX-License-Identifier: GPL-2.0-only
// What a kernel's headers say of its exports. The kernel's own BTF knows functions and per-CPU
// variables; of other exported data and of assembly only the declarations in the headers tell the
// type, so they are compiled (target/probe.h) and read as BTF.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ring3::abi {

struct HeaderType {
  bool function = false;
  std::string type;   // canonical text (base/encode.h)
  uint64_t size = 0;  // bytes of data; 0 when the declaration leaves it open ("extern char a[];")
};
using HeaderTypes = std::map<std::string, HeaderType, std::less<>>;

// Of those of `names` that the headers of the installed kernel `release` declare.
Result<HeaderTypes> header_types(const std::string& release,
                                 const std::vector<std::string_view>& names);

}  // namespace ring3::abi
