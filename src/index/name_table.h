// SPDX-License-Identifier: GPL-2.0-only
// Names as small numbers: each different text once, in an arena.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/arena.h"

namespace ring3::index {

class NameTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  NameTable() : slots_(1 << 12, Slot{0, kNone}) {}

  uint32_t add(std::string_view name) {
    uint32_t hash = hash_of(name);
    Slot& slot = slot_of(name, hash);
    if (slot.number != kNone) return slot.number;
    uint32_t number = static_cast<uint32_t>(names_.size());
    slot = {hash, number};
    names_.push_back(arena_.copy(name));
    if (names_.size() * 2 > slots_.size()) grow();
    return number;
  }

  uint32_t find(std::string_view name) const {
    return const_cast<NameTable*>(this)->slot_of(name, hash_of(name)).number;
  }

  std::string_view name(uint32_t number) const { return names_[number]; }
  uint32_t size() const { return static_cast<uint32_t>(names_.size()); }

 private:
  struct Slot {
    uint32_t hash, number;
  };

  static uint32_t hash_of(std::string_view name) {
    return static_cast<uint32_t>(std::hash<std::string_view>()(name));
  }

  // The slot with this name, or the free one where it belongs.
  Slot& slot_of(std::string_view name, uint32_t hash) {
    size_t mask = slots_.size() - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
      Slot& slot = slots_[at];
      if (slot.number == kNone || (slot.hash == hash && names_[slot.number] == name)) return slot;
    }
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2, Slot{0, kNone});
    old.swap(slots_);
    size_t mask = slots_.size() - 1;
    for (const Slot& slot : old) {
      if (slot.number == kNone) continue;
      size_t at = slot.hash & mask;
      while (slots_[at].number != kNone) at = (at + 1) & mask;
      slots_[at] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::vector<std::string_view> names_;
  Arena arena_;
};

}  // namespace ring3::index
