// SPDX-License-Identifier: GPL-2.0-only
// Applying relocations (arch/x86/kernel/module.c; psABI section 4.4). A table says of each kind how
// wide it is, whether it is relative to its place, and how its value must extend: S + A or S + A -
// P, checked to be what the processor will make of the stored bytes. The place must hold zeros
// before.
#include <fmt/format.h>

#include <cstring>

#include "link/linker.h"

namespace ring3::link {
namespace {

enum class Extends : uint8_t { kAny, kZero, kSign };
struct Kind {
  uint32_t type;
  uint8_t width;  // bytes; 0: nothing to do
  bool relative;
  Extends extends;
};
constexpr Kind kKinds[] = {
    //  type             width  relative  value extends as
    {R_X86_64_NONE, 0, false, Extends::kAny}, {R_X86_64_64, 8, false, Extends::kAny},
    {R_X86_64_32, 4, false, Extends::kZero},  {R_X86_64_32S, 4, false, Extends::kSign},
    {R_X86_64_PC32, 4, true, Extends::kAny},  {R_X86_64_PLT32, 4, true, Extends::kAny},
    {R_X86_64_PC64, 8, true, Extends::kAny},
};

const Kind* find_kind(uint32_t type) {
  for (const Kind& kind : kKinds)
    if (kind.type == type) return &kind;
  return nullptr;
}

bool fits(uint64_t value, Extends extends) {
  switch (extends) {
    case Extends::kAny:
      return true;
    case Extends::kZero:
      return value == static_cast<uint32_t>(value);
    case Extends::kSign:
      return static_cast<int64_t>(value) == static_cast<int32_t>(static_cast<uint32_t>(value));
  }
  return false;
}

}  // namespace

Result<void> Linker::relocate() {
  for (const elf::Relocations& relocations : view.relocations()) {
    const PlacedSection& target = image.sections[relocations.target->index];
    if (!target.address) continue;  // .modinfo and __versions are not in memory
    for (const Elf64_Rela& entry : relocations.entries) {
      const Kind* kind = find_kind(ELF64_R_TYPE(entry.r_info));
      if (!kind)
        return fail(ENOEXEC, fmt::format("module: {}: Unknown rela relocation: {}", image.name,
                                         ELF64_R_TYPE(entry.r_info)));
      if (!kind->width) continue;
      if (entry.r_offset + kind->width > target.size)
        return fail(
            ENOEXEC,
            fmt::format("{}: section {} (index {}): the relocation at {:#x} reaches over its end",
                        image.name, relocations.section->name, relocations.section->index,
                        entry.r_offset));
      uint64_t place = target.address.value + entry.r_offset;
      uint64_t value = image.symbols[ELF64_R_SYM(entry.r_info)].value +
                       static_cast<uint64_t>(entry.r_addend) - (kind->relative ? place : 0);
      uint64_t existing = 0;
      std::memcpy(&existing, reinterpret_cast<void*>(place), kind->width);
      if (existing)
        return fail(ENOEXEC,
                    fmt::format("module: x86/modules: Skipping invalid relocation target, existing "
                                "value is nonzero for type {}, loc {:016x}, val {:x}",
                                kind->type, place, value));
      if (!fits(value, kind->extends)) {
        log.error(
            fmt::format("module: overflow in relocation type {} val {:x}", kind->type, value));
        return fail(ENOEXEC, fmt::format("module: `{}' likely not compiled with -mcmodel=kernel",
                                         image.name));
      }
      std::memcpy(reinterpret_cast<void*>(place), &value, kind->width);
    }
  }
  return {};
}

}  // namespace ring3::link
