// SPDX-License-Identifier: GPL-2.0-only
// The relocation sections that Linux applies: those whose target goes to memory. Linux trusts
// r_offset and the symbol's index; here both are proved, so that the relocate pass can write
// without asking. Kinds that Linux does not know stay unjudged: it refuses them when it applies
// them, in its own words.
#include <array>
#include <cstring>

#include "elf/refuse.h"
#include "elf/view.h"

namespace ring3::elf {
namespace {

// Bytes that each kind writes (arch/x86/kernel/module.c knows these seven).
struct Kind {
  uint32_t type;
  uint64_t width;
};
constexpr std::array<Kind, 7> kKinds = {{
    {R_X86_64_NONE, 0},
    {R_X86_64_64, 8},
    {R_X86_64_PC32, 4},
    {R_X86_64_PLT32, 4},
    {R_X86_64_32, 4},
    {R_X86_64_32S, 4},
    {R_X86_64_PC64, 8},
}};
constexpr auto kWidth = [] {
  std::array<uint8_t, 64> widths{};
  for (const Kind& kind : kKinds) widths[kind.type] = static_cast<uint8_t>(kind.width);
  return widths;
}();

uint64_t width_of(uint64_t type) { return type < kWidth.size() ? kWidth[type] : 0; }

}  // namespace

// Entries in aligned memory. A file whose sections are not aligned costs one copy of itself for
// each of the seven ways to be off, however many sections share them.
std::span<const Elf64_Rela> View::aligned_relas(const Section& section) {
  size_t count = section.bytes.size() / sizeof(Elf64_Rela);
  if (count == 0) return {};
  const std::byte* data = section.bytes.data();
  size_t off = reinterpret_cast<uintptr_t>(data) % alignof(Elf64_Rela);
  if (off != 0) {
    std::vector<uint64_t>& copy = realigned_[off];
    // The first byte of the file that is `off` away from alignment.
    size_t first = static_cast<size_t>(data - file_.data()) % alignof(Elf64_Rela);
    if (copy.empty()) {
      copy.resize((file_.size() - first + 7) / 8);
      std::memcpy(copy.data(), file_.data() + first, file_.size() - first);
    }
    data = reinterpret_cast<const std::byte*>(copy.data()) + (data - file_.data() - first);
  }
  return {reinterpret_cast<const Elf64_Rela*>(data), count};
}

Result<void> View::check_relocations(const Relocations& relocations) const {
  const Section& section = *relocations.section;
  const Section& target = *relocations.target;
  for (size_t i = 0; i < relocations.entries.size(); i++) {
    const Elf64_Rela& entry = relocations.entries[i];
    if (ELF64_R_SYM(entry.r_info) >= symbols_.size())
      return refuse("section {} ({}): relocation {}: symbol {} of only {}", section.index,
                    section.name, i, ELF64_R_SYM(entry.r_info), symbols_.size());
    uint64_t width = width_of(ELF64_R_TYPE(entry.r_info));
    if (width && (width > target.size || entry.r_offset > target.size - width))
      return refuse(
          "section {} ({}): relocation {}: {} bytes at {:#x} are outside of section {} ({}, {:#x} "
          "bytes)",
          section.index, section.name, i, width, entry.r_offset, target.index, target.name,
          target.size);
  }
  return {};
}

Result<void> View::read_relocations() {
  if (!symtab_) return {};
  // By the time Linux relocates it has taken SHF_ALLOC from these (rewrite_section_headers,
  // layout_and_allocate), so relocations against them are never applied.
  const Section* kept_aside[] = {find_alloc(".modinfo"), find_alloc("__versions"),
                                 find_alloc(".data..percpu")};
  for (const Section& section : sections_) {
    if (section.type != SHT_RELA && section.type != SHT_REL) continue;
    if (section.info == 0 || section.info >= sections_.size()) continue;
    const Section& target = sections_[section.info];
    if (!target.alloc()) continue;
    bool aside = false;
    for (const Section* other : kept_aside) aside |= other == &target;
    if (aside) continue;
    if (section.type == SHT_REL) {
      has_rel_ = true;  // check_module refuses, with the module's name
      continue;
    }
    // Bytes behind the last whole entry are ignored, as Linux does.
    Relocations relocations{&section, &target, aligned_relas(section)};
    TRY(check_relocations(relocations));
    relocations_.push_back(relocations);
  }
  return {};
}

}  // namespace ring3::elf
