// SPDX-License-Identifier: GPL-2.0-only
// .retpoline_sites: one s32 per indirect branch, relative to itself, that leads to a call, jump or
// conditional jump (a tail call) to __x86_indirect_thunk_REG (objtool;
// arch/x86/kernel/alternative.c apply_retpolines). Where retpolines are off Linux puts the indirect
// branch itself there, and so do we:
//
//   call thunk_REG   ->  call *%REG
//   jmp thunk_REG    ->  jmp *%REG; int3
//   jCC thunk_REG    ->  jNCC over; jmp *%REG; over:
//
// filled up with nops: behind a jump, before a call, whose return address stays what it was, the
// end of the site, as traces on Linux show it.
#include "link/x86_64/instruction.h"
#include "link/x86_64/patcher.h"

namespace ring3::link::x86_64 {
namespace {

constexpr unsigned kNoRegister = 16;

unsigned register_of(const LinkOptions& options, uint64_t thunk) {
  for (unsigned reg = 0; reg < kNoRegister; reg++)
    if (options.indirect_thunks[reg].value == thunk) return reg;
  return kNoRegister;
}

// `at` has branch.length bytes: 5 or 6 with a prefix, 6 or 7 for a conditional jump. The longest
// that is written is 5, so that everything fits.
void write_site(uint8_t* at, const Branch& branch, unsigned reg) {
  size_t n = 0;
  if (branch.kind == Branch::kConditional) {
    at[0] = static_cast<uint8_t>(0x70 | (branch.condition ^ 1));
    at[1] = static_cast<uint8_t>(branch.length - 2);  // over the rest, nops included
    n = 2;
  }
  if (branch.kind == Branch::kCall) {
    size_t call = reg >= 8 ? 3 : 2;  // with a REX prefix or without
    write_nops(at, branch.length - call);
    write_indirect(at + branch.length - call, true, reg);
    return;
  }
  n += write_indirect(at + n, false, reg);
  if (branch.kind == Branch::kJump && n < branch.length) at[n++] = kBreakpoint;
  write_nops(at + n, branch.length - n);
}

}  // namespace

Result<void> Patcher::retpoline_sites() {
  Table sites = TRY(table(".retpoline_sites", 4));
  for (size_t i = 0; i < sites.count(); i++) {
    uint64_t address = relative(sites.address(i));
    std::span<uint8_t> site = TRY(text(sites, i, address, 5));
    auto branch = read_branch(site, address);
    unsigned reg = branch && branch->target ? register_of(options_, branch->target) : kNoRegister;
    if (reg == kNoRegister) {
      leave(sites, i, address, "is no branch to an indirect thunk");
      continue;
    }
    write_site(site.data(), *branch, reg);
  }
  return {};
}

}  // namespace ring3::link::x86_64
