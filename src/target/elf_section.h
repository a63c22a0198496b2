// SPDX-License-Identifier: GPL-2.0-only
// One named section of any little-endian ELF64 file, with every offset checked. A kernel image is
// not a module: elf::View asks for more than it has, and this needs less.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace ring3::target {

// Errors name `file_name`. An empty section counts as absent.
Result<Bytes> find_section(Bytes elf, std::string_view section, std::string_view file_name);

// What is loaded at an address, up to the end of its segment; empty when nothing is.
Bytes bytes_at(Bytes elf, uint64_t address);

}  // namespace ring3::target
