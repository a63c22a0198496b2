// SPDX-License-Identifier: GPL-2.0-only
// .static_call_sites: struct static_call_site {s32 addr; s32 key;}, each relative to its own place
// (include/linux/static_call_types.h): a call or a tail jump to the trampoline __SCT__NAME. Bits 0
// and 1 of the key's address: it is a tail call; it is in init text. The key is __SCK__NAME, or the
// trampoline itself where the key is not exported (objtool; kernel/static_call_inline.c).
//
// Linux lets every site call the key's current function directly. Here that is done for the targets
// that LinkOptions::static_call gives; all others go through the trampoline.
#include <fmt/format.h>

#include "link/x86_64/instruction.h"
#include "link/x86_64/patcher.h"

namespace ring3::link::x86_64 {
namespace {

constexpr uint64_t kFlags = 3;
constexpr uint8_t kZeroRax[5] = {0x66, 0x66, 0x48, 0x31, 0xc0};  // xor %rax,%rax, five bytes long

// Leaves a site alone that has no short form of the target: the trampoline does it.
void redirect(std::span<uint8_t> site, uint64_t address, const Branch& branch,
              const StaticCallTarget& target) {
  bool call = branch.kind == Branch::kCall;
  bool plain = branch.length == 5;
  switch (target.kind) {
    case StaticCallTarget::kNothing:
      if (call && plain) write_nops(site.data(), 5);
      if (branch.kind == Branch::kJump && plain) {
        site[0] = kReturn;
        std::memset(&site[1], kBreakpoint, 4);
      }
      return;
    case StaticCallTarget::kReturnsZero:
      if (call && plain) std::memcpy(site.data(), kZeroRax, sizeof(kZeroRax));
      return;
    case StaticCallTarget::kFunction: {
      auto distance = displacement(address + branch.length, target.function.value);
      if (distance) std::memcpy(&site[branch.length - 4u], &*distance, 4);
      return;
    }
  }
}

}  // namespace

Result<void> Patcher::static_call_sites() {
  Table sites = TRY(table(".static_call_sites", 8));
  for (size_t i = 0; i < sites.count(); i++) {
    uint64_t address = relative(sites.address(i));
    uint64_t key = relative(sites.address(i) + 4);
    std::span<uint8_t> site = TRY(text(sites, i, address, 5));
    auto branch = read_branch(site, address);
    bool tail = key & 1;
    if (!branch || (branch->kind == Branch::kCall) == tail) {
      leave(sites, i, address, tail ? "is no tail call" : "is no call");
      continue;
    }
    if (!options_.static_call) continue;
    auto target = options_.static_call({key & ~kFlags});
    if (target) redirect(site, address, *branch, *target);
  }
  return {};
}

}  // namespace ring3::link::x86_64
