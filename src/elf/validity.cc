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
  if (header->e_shstrndx == SHN_UNDEF || header->e_shstrndx >= header->e_shnum)
    return refuse("Invalid ELF section name index: {} || e_shstrndx ({}) >= e_shnum ({})",
                  header->e_shstrndx, header->e_shstrndx, header->e_shnum);
  return *header;
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

Result<void> check_section(Bytes file, const Headers& headers, uint32_t index) {
  Elf64_Shdr section = headers.section(file, index);
  if (section.sh_type == SHT_NULL || section.sh_type == SHT_NOBITS) return {};
  if (section.sh_type == SHT_SYMTAB &&
      (section.sh_link == SHN_UNDEF || section.sh_link >= headers.file.e_shnum))
    return refuse("Invalid ELF sh_link!=SHN_UNDEF({}) or (sh_link({}) >= hdr->e_shnum({})",
                  static_cast<int>(section.sh_link), static_cast<int>(section.sh_link),
                  headers.file.e_shnum);
  if (!inside(section, file))
    return refuse("Invalid ELF section in module (section {} type {})", index, section.sh_type);
  if ((section.sh_flags & SHF_ALLOC) && section.sh_name >= headers.section_names.size())
    return refuse("Invalid ELF section name in module (section {} type {})", index,
                  section.sh_type);
  return {};
}

}  // namespace

Elf64_Shdr Headers::section(Bytes bytes, uint32_t index) const {
  return *read_at<Elf64_Shdr>(bytes, file.e_shoff + index * sizeof(Elf64_Shdr));
}

Result<Headers> check_validity(Bytes file) {
  Headers headers{TRY(check_file_header(file)), {}};
  headers.section_names =
      TRY(check_section_names(file, headers.section(file, headers.file.e_shstrndx)));
  TRY(check_null_section(headers.section(file, 0)));
  for (uint32_t i = 1; i < headers.file.e_shnum; i++) TRY(check_section(file, headers, i));
  return headers;
}

}  // namespace ring3::elf
