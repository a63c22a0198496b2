// SPDX-License-Identifier: GPL-2.0-only
// .parainstructions (until 6.7, when paravirt calls became alternatives): struct
// paravirt_patch_site {u8* instr; u8 type; u8 len;}, padded to 16 bytes; one per `call *pv_ops+N`
// (arch/x86/include/asm/paravirt_types.h). Linux puts the pv function's direct call or its native
// instruction there. Here the native instruction would often be a privileged one, and the call
// through pv_ops reaches our own functions: nothing is patched, only checked.
#include <fmt/format.h>

#include "link/x86_64/patcher.h"

namespace ring3::link::x86_64 {

Result<void> Patcher::parainstructions() {
  constexpr size_t kLength = 9;         // offset of len, behind instr and type
  constexpr uint8_t kShortestCall = 6;  // ff 15 disp32
  Table sites = TRY(table(".parainstructions", 16));
  for (size_t i = 0; i < sites.count(); i++) {
    const std::byte* entry = sites.bytes.data() + i * sites.entry_size;
    uint8_t length = load<uint8_t>(entry + kLength);
    if (length < kShortestCall)
      return damaged(sites, i,
                     fmt::format("an instruction of {} bytes is no paravirt call", length));
    TRY(text(sites, i, load<uint64_t>(entry), length));
  }
  return {};
}

}  // namespace ring3::link::x86_64
