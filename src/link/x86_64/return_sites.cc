// SPDX-License-Identifier: GPL-2.0-only
// .return_sites: one s32 per function return, relative to itself, that leads to `jmp
// __x86_return_thunk` (objtool; arch/x86/kernel/alternative.c apply_returns). Where no CPU bug
// needs the thunk Linux puts a plain `ret` there and fills up with int3, and so do we: user space
// is not what the thunk protects.
#include "link/x86_64/instruction.h"
#include "link/x86_64/patcher.h"

namespace ring3::link::x86_64 {

Result<void> Patcher::return_sites() {
  if (!options_.return_thunk) return {};
  Table sites = TRY(table(".return_sites", 4));
  for (size_t i = 0; i < sites.count(); i++) {
    uint64_t address = relative(sites.address(i));
    std::span<uint8_t> site = TRY(text(sites, i, address, 5));
    auto branch = read_branch(site, address);
    if (!branch || branch->kind != Branch::kJump || branch->target != options_.return_thunk.value) {
      leave(sites, i, address, "is no jmp __x86_return_thunk");
      continue;
    }
    site[0] = kReturn;
    std::memset(&site[1], kBreakpoint, branch->length - 1u);
  }
  return {};
}

}  // namespace ring3::link::x86_64
