// SPDX-License-Identifier: GPL-2.0-only
// Taint bits (include/linux/panic.h, Documentation/admin-guide/tainted-kernels.rst) and how they
// print: in an oops one character a bit, in /proc/modules only the set ones.
#pragma once

#include <cstdint>
#include <string>

namespace ring3::module {

enum Taint : uint8_t {
  kTaintProprietary = 0,
  kTaintForcedModule = 1,
  kTaintForcedRmmod = 3,
  kTaintUser = 6,
  kTaintDie = 7,
  kTaintWarn = 9,
  kTaintCrap = 10,
  kTaintOutOfTree = 12,
  kTaintUnsigned = 13,
  kTaintLivepatch = 15,
  kTaintTest = 18,
};

// After such a taint Linux no longer trusts its lock debugging, and says so the first time.
constexpr bool ends_lock_debugging(Taint taint) {
  return taint == kTaintProprietary || taint == kTaintForcedModule || taint == kTaintForcedRmmod;
}

constexpr uint64_t bit(Taint taint) { return 1ull << taint; }

// "OE" of a module; the empty string when it taints nothing.
std::string module_taint_letters(uint64_t taints);
// "Not tainted", or "Tainted: G           OE     " as Linux prints it in reports.
std::string tainted_text(uint64_t taints);

}  // namespace ring3::module
