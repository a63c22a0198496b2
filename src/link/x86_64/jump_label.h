// SPDX-License-Identifier: GPL-2.0-only
// One entry of __jump_table: struct jump_entry {s32 code; s32 target; long key;}, each relative to
// its own place (include/linux/jump_label.h). Bit 0 of key: the branch is taken when the key is
// off (static_branch_likely); bit 1: the code is init text. Used when a module is linked, and by
// whoever switches a key while modules run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace ring3::link::x86_64 {

inline constexpr size_t kJumpEntrySize = 16;

struct JumpEntry {
  uint64_t code;
  uint64_t target;
  uint64_t key;  // address of the struct static_key
  bool branch;
  bool init;

  // What the place must be, given static_key_enabled(key).
  bool jumps(bool enabled) const { return enabled != branch; }
};

JumpEntry read_jump_entry(const std::byte* entry);

// What stands at the place now: its length, 2 or 5, and whether it jumps.
struct JumpPlace {
  uint8_t length;
  bool jumps;
};
std::optional<JumpPlace> read_jump_place(std::span<const uint8_t> text);

// The bytes that the place must have to jump or not; false when `target` is too far for `length`.
bool make_jump_place(const JumpEntry& entry, uint8_t length, bool jumps, uint8_t* out);

}  // namespace ring3::link::x86_64
