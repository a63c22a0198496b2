// SPDX-License-Identifier: GPL-2.0-only
// Each check refuses in Linux's words, spelling included. Numbers appear as Linux's format prints
// them: `%d` of a 32-bit field shows 0xffffffff as -1, hence the casts to int.
#include "elf/validity.h"

#include <cstring>

#include "elf/refuse.h"

namespace ring3::elf {
namespace {

bool inside(const Elf64_Shdr& section, Bytes file) {
  return slice(file, section.sh_offset, section.sh_size).has_value();
}

Result<Elf64_Ehdr> check_file_header(Bytes file) {
  auto header = read_at<Elf64_Ehdr>(file, 0);
  if (!header) return refuse("Invalid ELF header len {}", file.size());
  if (std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
    return refuse("Invalid ELF header magic: != {}", ELFMAG);
  if (header->e_type != ET_REL)
    return refuse("Invalid ELF header type: {} != {}", header->e_type, ET_REL);
  if (header->e_machine != EM_X86_64)
    return refuse("Invalid architecture in ELF header: {}", header->e_machine);
  if (header->e_shentsize != sizeof(Elf64_Shdr)) return refuse("Invalid ELF section header size");
  if (header->e_shoff >= file.size() ||
      header->e_shnum * sizeof(Elf64_Shdr) > file.size() - header->e_shoff)
    return refuse("Invalid ELF section header overflow");
  return *header;
}

Result<void> check_names_index(const Elf64_Ehdr& header) {
  if (header.e_shstrndx == SHN_UNDEF || header.e_shstrndx >= header.e_shnum)
    return refuse("Invalid ELF section name index: {} || e_shstrndx ({}) >= e_shnum ({})",
                  header.e_shstrndx, header.e_shstrndx, header.e_shnum);
  return {};
}

Result<Bytes> check_section_names(Bytes file, const Elf64_Shdr& names) {
  if (!inside(names, file)) return refuse("Invalid ELF section hdr(type {})", names.sh_type);
  if (names.sh_size == 0) return refuse("empty section name table");
  Bytes bytes = file.subspan(names.sh_offset, names.sh_size);
  if (bytes.back() != std::byte{0})
    return refuse("ELF Spec violation: section name table isn't null terminated");
  return bytes;
}

Result<void> check_null_section(const Elf64_Shdr& null) {
  if (null.sh_type != SHT_NULL || null.sh_size != 0 || null.sh_addr != 0)
    return refuse("ELF Spec violation: section 0 type({})!=SH_NULL or non-zero len or addr",
                  static_cast<int>(null.sh_type));
  return {};
}

bool has_place(const Elf64_Shdr& section) {
  return section.sh_type != SHT_NULL && section.sh_type != SHT_NOBITS;
}

Result<void> check_link(const Elf64_Shdr& symbols, const Elf64_Ehdr& header) {
  if (symbols.sh_link == SHN_UNDEF || symbols.sh_link >= header.e_shnum)
    return refuse("Invalid ELF sh_link!=SHN_UNDEF({}) or (sh_link({}) >= hdr->e_shnum({})",
                  static_cast<int>(symbols.sh_link), static_cast<int>(symbols.sh_link),
                  header.e_shnum);
  return {};
}

Result<void> check_place(Bytes file, const Elf64_Shdr& section, uint32_t index) {
  if (!has_place(section) || inside(section, file)) return {};
  return refuse("Invalid ELF section in module (section {} type {})", index, section.sh_type);
}

Result<void> check_name(const Elf64_Shdr& section, Bytes names, uint32_t index) {
  if (section.sh_name < names.size()) return {};
  return refuse("Invalid ELF section name in module (section {} type {})", index, section.sh_type);
}

// 6.1: names first, then everything of one section after the other.
Result<Headers> check_in_one_pass(Bytes file, Headers headers) {
  TRY(check_names_index(headers.file));
  headers.section_names =
      TRY(check_section_names(file, headers.section(file, headers.file.e_shstrndx)));
  TRY(check_null_section(headers.section(file, 0)));
  for (uint32_t i = 1; i < headers.file.e_shnum; i++) {
    Elf64_Shdr section = headers.section(file, i);
    if (!has_place(section)) continue;
    if (section.sh_type == SHT_SYMTAB) TRY(check_link(section, headers.file));
    TRY(check_place(file, section, i));
    if (section.sh_flags & SHF_ALLOC) TRY(check_name(section, headers.section_names, i));
  }
  return headers;
}

Result<Headers> check_in_turn(Bytes file, Headers headers) {
  auto null = read_at<Elf64_Shdr>(file, headers.file.e_shoff);
  if (null) TRY(check_null_section(*null));  // there may be no section at all
  for (uint32_t i = 1; i < headers.file.e_shnum; i++)
    TRY(check_place(file, headers.section(file, i), i));
  TRY(check_names_index(headers.file));
  Elf64_Shdr names = headers.section(file, headers.file.e_shstrndx);
  if (names.sh_type != SHT_STRTAB)
    return refuse("Invalid ELF section name table type: {}", names.sh_type);
  headers.section_names = TRY(check_section_names(file, names));
  for (uint32_t i = 1; i < headers.file.e_shnum; i++)
    TRY(check_name(headers.section(file, i), headers.section_names, i));
  return headers;
}

}  // namespace

Elf64_Shdr Headers::section(Bytes bytes, uint32_t index) const {
  return *read_at<Elf64_Shdr>(bytes, file.e_shoff + index * sizeof(Elf64_Shdr));
}

Result<Headers> check_validity(Bytes file, bool unique_sections) {
  Headers headers{TRY(check_file_header(file)), {}};
  return unique_sections ? check_in_turn(file, headers) : check_in_one_pass(file, headers);
}

}  // namespace ring3::elf
