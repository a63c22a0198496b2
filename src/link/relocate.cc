// SPDX-License-Identifier: GPL-2.0-only
// Relocations into the sections that are in memory (kernel/module/main.c apply_relocations,
// arch/x86/kernel/module.c apply_relocate_add; CONTRACT 5.2 step 14), with Linux's refusals:
// unknown types, values that do not fit, places that are not zero.
//
// The initialisers of per-CPU variables stay unrelocated, so that a pointer in one is null: 6.1 and
// 6.12 skip sections without SHF_ALLOC and have cleared it there (src/elf leaves those relocations
// out).
#include <elf.h>
#include <fmt/format.h>

#include <cstring>

#include "link/linker.h"
#include "link/x86_64/relocation_kinds.h"

namespace ring3::link {

using x86_64::RelocationKind;

Result<void> Linker::relocate() {
  for (const elf::Relocations& relocations : view_.relocations()) {
    std::byte* bytes = image_.sections[relocations.target->index].address.as<std::byte>();
    if (bytes) TRY(relocate_section(relocations, bytes));
  }
  if (!image_.percpu_size) return {};
  std::vector<std::byte> zeros;
  std::span<const std::byte> initial = percpu_->bytes;
  if (initial.size() != image_.percpu_size) {  // NOBITS
    zeros.resize(image_.percpu_size);
    initial = zeros;
  }
  resolver_.initialise_percpu(image_.percpu_offset, initial);
  return {};
}

Result<void> Linker::relocate_section(const elf::Relocations& relocations, std::byte* bytes) {
  const uint64_t size = relocations.target->size;
  const uint64_t base = reinterpret_cast<uint64_t>(bytes);
  const uint64_t* values = values_.data();
  const size_t value_count = values_.size();
  const Elf64_Rela* entries = relocations.entries.data();
  const size_t count = relocations.entries.size();
  for (size_t i = 0; i < count; i++) {
    const Elf64_Rela& entry = entries[i];
    const uint32_t type = ELF64_R_TYPE(entry.r_info);
    const uint64_t symbol = ELF64_R_SYM(entry.r_info);
    const RelocationKind* kind = x86_64::relocation_kind(type);
    if (!kind) [[unlikely]] {
      log_.error(fmt::format("module: {}: Unknown rela relocation: {}", image_.name, type));
      return relocation_error(relocations, i, "its type is none that Linux knows");
    }
    if (kind->size == 0) continue;
    if (symbol >= value_count) [[unlikely]]
      return relocation_error(relocations, i, "there is no such symbol; the file is damaged");
    if (entry.r_offset > size || kind->size > size - entry.r_offset) [[unlikely]]
      return relocation_error(relocations, i, "it reaches past its section; the file is damaged");
    uint64_t place = base + entry.r_offset;
    uint64_t value = values[symbol] + static_cast<uint64_t>(entry.r_addend);
    if (kind->pc_relative) value -= place;
    uint64_t old = 0;
    std::memcpy(&old, bytes + entry.r_offset, 4);
    if (kind->size == 8) std::memcpy(&old, bytes + entry.r_offset, 8);
    if (!x86_64::fits(value, kind->fits)) [[unlikely]] {
      log_.error(fmt::format("module: overflow in relocation type {} val {:x}", type, value));
      log_.error(fmt::format("module: `{}' likely not compiled with -mcmodel=kernel", image_.name));
      return relocation_error(relocations, i, "its value does not fit");
    }
    if (old != 0) [[unlikely]] {
      log_.error(fmt::format("module: x86/modules: {} for type {}, loc {:016x}, val {:x}",
                             options_.nonzero_target, type, place, value));
      return relocation_error(relocations, i, "its place is not zero: was it relocated before?");
    }
    std::memcpy(bytes + entry.r_offset, &value, 4);
    if (kind->size == 8) std::memcpy(bytes + entry.r_offset, &value, 8);
  }
  return {};
}

Error Linker::relocation_error(const elf::Relocations& relocations, size_t index,
                               const char* what) const {
  const Elf64_Rela& entry = relocations.entries[index];
  uint64_t symbol = ELF64_R_SYM(entry.r_info);
  std::string_view name = symbol < view_.symbols().size() ? view_.symbols()[symbol].name : "";
  const RelocationKind* kind = x86_64::relocation_kind(ELF64_R_TYPE(entry.r_info));
  return Error{ENOEXEC, fmt::format("{}: {} entry {}: {} at {}+{:#x} to symbol {} ({}): {}",
                                    image_.name, relocations.section->name, index,
                                    kind ? std::string(kind->name)
                                         : fmt::format("type {}", ELF64_R_TYPE(entry.r_info)),
                                    relocations.target->name, entry.r_offset, symbol, name, what)};
}

}  // namespace ring3::link
