// SPDX-License-Identifier: GPL-2.0-only
// Escaping as string_escape_mem does it, for runtime code that formats (lib/string_helpers.cc).
#pragma once

#include <string_view>

#include "linux/include/format.h"

namespace ring3::target {
class Target;
}

namespace ring3::kernel {

// linux/string_helpers.h
enum : unsigned {
  kEscapeSpace = 1,
  kEscapeSpecial = 2,
  kEscapeNull = 4,
  kEscapeOctal = 8,
  kEscapeAny = kEscapeSpace | kEscapeOctal | kEscapeSpecial | kEscapeNull,
  kEscapeNonPrintable = 16,
  kEscapeHex = 32,
  kEscapeNonAscii = 64,
  kEscapeNonAsciiOrPrintable = 128,
  kEscapeAppend = 256,
};
void escape_text(format::Output& out, std::string_view text, unsigned flags, const char* only);

// Learns what the target's headers say of functions whose types did not change.
void bind_string_helpers(const target::Target& target);

}  // namespace ring3::kernel
