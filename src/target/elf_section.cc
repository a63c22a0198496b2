// SPDX-License-Identifier: GPL-2.0-only
#include "target/elf_section.h"

#include <elf.h>
#include <fmt/format.h>

#include <cstring>

namespace ring3::target {

Result<Bytes> find_section(Bytes elf, std::string_view section, std::string_view file_name) {
  auto bad = [&](std::string_view why) {
    return Error{ENOEXEC, fmt::format("{}: {}", file_name, why)};
  };
  auto header = read_at<Elf64_Ehdr>(elf, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return bad("not an ELF file");
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB)
    return bad("not a little-endian 64-bit ELF file");
  if (header->e_shentsize != sizeof(Elf64_Shdr))
    return bad(fmt::format("e_shentsize is {}, not {}", header->e_shentsize, sizeof(Elf64_Shdr)));

  auto section_header = [&](uint64_t index) {
    return index >= (1u << 24) || header->e_shoff > elf.size()
               ? std::nullopt
               : read_at<Elf64_Shdr>(elf, header->e_shoff + index * sizeof(Elf64_Shdr));
  };
  uint64_t count = header->e_shnum, names_index = header->e_shstrndx;
  if (auto zero = section_header(0)) {  // numbers too large for the header stand in section 0
    if (count == 0) count = zero->sh_size;
    if (names_index == SHN_XINDEX) names_index = zero->sh_link;
  }
  auto names_header = section_header(names_index);
  if (!names_header) return bad("the section names' header lies outside the file");
  auto names = slice(elf, names_header->sh_offset, names_header->sh_size);
  if (!names) return bad("the section names lie outside the file");

  for (uint64_t i = 1; i < count; i++) {
    auto candidate = section_header(i);
    if (!candidate) return bad(fmt::format("header of section {} lies outside the file", i));
    if (string_at(*names, candidate->sh_name) != section) continue;
    if (candidate->sh_type == SHT_NOBITS || candidate->sh_size == 0) break;
    auto bytes = slice(elf, candidate->sh_offset, candidate->sh_size);
    if (!bytes)
      return bad(fmt::format("section {} (offset {:#x}, {} bytes) lies outside the file", section,
                             candidate->sh_offset, candidate->sh_size));
    return *bytes;
  }
  return bad(fmt::format("it has no section {}", section));
}

Bytes bytes_at(Bytes elf, uint64_t address) {
  auto header = read_at<Elf64_Ehdr>(elf, 0);
  if (!header || header->e_phoff > elf.size()) return {};
  for (uint64_t i = 0; i < header->e_phnum; i++) {
    auto segment = read_at<Elf64_Phdr>(elf, header->e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment) return {};
    if (segment->p_type != PT_LOAD || address < segment->p_vaddr ||
        address - segment->p_vaddr >= segment->p_filesz)
      continue;
    auto bytes = slice(elf, segment->p_offset, segment->p_filesz);
    return bytes ? bytes->subspan(address - segment->p_vaddr) : Bytes();
  }
  return {};
}

}  // namespace ring3::target
