// SPDX-License-Identifier: GPL-2.0-only
// __jump_table: the places where a static key decides (jump_label.h). objtool left each as the
// key's compiled-in state has it. A key of another module or of the kernel API may be in another
// state already, so each place is compared with its key's `enabled` and changed if they differ
// (kernel/jump_label.c jump_label_add_module). A key that may not be read leaves it as compiled.
#include <fmt/format.h>

#include "link/x86_64/instruction.h"
#include "link/x86_64/jump_label.h"
#include "link/x86_64/patcher.h"

namespace ring3::link::x86_64 {

JumpEntry read_jump_entry(const std::byte* entry) {
  uint64_t address = reinterpret_cast<uint64_t>(entry);
  uint64_t key = load<uint64_t>(entry + 8);
  return {.code = relative(address),
          .target = relative(address + 4),
          .key = address + 8 + (key & ~3ull),
          .branch = (key & 1) != 0,
          .init = (key & 2) != 0};
}

std::optional<JumpPlace> read_jump_place(std::span<const uint8_t> text) {
  if (text.size() >= 5 && is_nop(text.data(), 5)) return JumpPlace{5, false};
  if (text.size() >= 5 && text[0] == kJump) return JumpPlace{5, true};
  if (text.size() >= 2 && is_nop(text.data(), 2)) return JumpPlace{2, false};
  if (text.size() >= 2 && text[0] == kShortJump) return JumpPlace{2, true};
  return std::nullopt;
}

bool make_jump_place(const JumpEntry& entry, uint8_t length, bool jumps, uint8_t* out) {
  if (!jumps) {
    write_nops(out, length);
    return true;
  }
  auto distance = displacement(entry.code + length, entry.target);
  if (!distance) return false;
  if (length == 5) {
    write_branch(out, kJump, *distance);
    return true;
  }
  if (*distance != static_cast<int8_t>(*distance)) return false;
  out[0] = kShortJump;
  out[1] = static_cast<uint8_t>(*distance);
  return true;
}

Result<void> Patcher::jump_table() {
  Table entries = TRY(table("__jump_table", kJumpEntrySize));
  const RegionMemory& init = image_.regions[static_cast<size_t>(Region::kInitText)];
  for (size_t i = 0; i < entries.count(); i++) {
    std::byte* bytes = entries.bytes.data() + i * kJumpEntrySize;
    JumpEntry entry = read_jump_entry(bytes);
    std::span<uint8_t> site = TRY(text(entries, i, entry.code, 2));
    TRY(text(entries, i, entry.target, 1));
    auto place = read_jump_place(site);
    if (!place) return damaged(entries, i, fmt::format("{:#x} is neither jmp nor nop", entry.code));

    // Bit 1 says whether the code goes away with init; whoever switches keys needs to know.
    uint64_t in_init = entry.code - init.base.value < init.size ? 2 : 0;
    uint64_t key = (load<uint64_t>(bytes + 8) & ~2ull) | in_init;
    std::memcpy(bytes + 8, &key, 8);

    if (!readable(entry.key, 4)) continue;
    // static_key_enabled: a negative count means "being enabled for the first time", which is on.
    bool enabled = load<int32_t>(reinterpret_cast<void*>(entry.key)) != 0;
    if (entry.jumps(enabled) == place->jumps) continue;
    if (!make_jump_place(entry, place->length, entry.jumps(enabled), site.data()))
      return damaged(
          entries, i,
          fmt::format("{:#x} is too far from its target {:#x}", entry.code, entry.target));
  }
  return {};
}

}  // namespace ring3::link::x86_64
