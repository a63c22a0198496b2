// SPDX-License-Identifier: GPL-2.0-only
// The relocations that Linux's module loader knows on x86-64 (arch/x86/kernel/module.c), as a
// table: the ELF type is looked up once, at the edge, and what follows works on a formula. S is the
// symbol's value, A the addend, P the place that is changed.
#pragma once

#include <elf.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace ring3::link::x86_64 {

enum class Fits : uint8_t { kAlways, kUnsigned32, kSigned32 };

struct RelocationKind {
  std::string_view name;     // empty: Linux refuses this type
  uint8_t size = 0;          // bytes written; 0: nothing to do
  bool pc_relative = false;  // S + A - P instead of S + A
  Fits fits = Fits::kAlways;
};

inline constexpr auto kRelocationKinds = [] {
  std::array<RelocationKind, R_X86_64_PC64 + 1> kinds{};
  //                         name           size pc-relative fits
  kinds[R_X86_64_NONE] = {"R_X86_64_NONE", 0, false, Fits::kAlways};
  kinds[R_X86_64_64] = {"R_X86_64_64", 8, false, Fits::kAlways};
  kinds[R_X86_64_PC32] = {"R_X86_64_PC32", 4, true, Fits::kSigned32};
  kinds[R_X86_64_PLT32] = {"R_X86_64_PLT32", 4, true, Fits::kSigned32};
  kinds[R_X86_64_32] = {"R_X86_64_32", 4, false, Fits::kUnsigned32};
  kinds[R_X86_64_32S] = {"R_X86_64_32S", 4, false, Fits::kSigned32};
  kinds[R_X86_64_PC64] = {"R_X86_64_PC64", 8, true, Fits::kAlways};
  return kinds;
}();

// Linux does not check PC32 and PLT32: on it all modules lie within 2 GiB of the kernel. Here a
// symbol could be a host address by mistake, and a cut displacement would jump anywhere.

constexpr const RelocationKind* relocation_kind(uint32_t type) {
  if (type >= kRelocationKinds.size() || kRelocationKinds[type].name.empty()) return nullptr;
  return &kRelocationKinds[type];
}

constexpr bool fits(uint64_t value, Fits range) {
  switch (range) {
    case Fits::kAlways:
      return true;
    case Fits::kUnsigned32:
      return value == static_cast<uint32_t>(value);
    case Fits::kSigned32:
      return static_cast<int64_t>(value) == static_cast<int32_t>(value);
  }
  return false;
}

}  // namespace ring3::link::x86_64
