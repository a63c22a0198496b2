// SPDX-License-Identifier: GPL-2.0-only
// For tests only: writes small relocatable x86-64 objects, so that a test shows the bytes it is
// about. ElfBuilder collects sections, symbols, relocations, modinfo and versions; build() lays
// them out as `ld -r` would and gives an ElfFile, whose headers a test may then spoil.
//
//   ElfBuilder elf;
//   elf.this_module("hello");
//   uint32_t text = elf.text(".text", "\x90\xc3");
//   uint32_t printk = elf.undefined("_printk");
//   elf.rela(text, 0, R_X86_64_PLT32, printk, -4);
//   ElfFile file = elf.build();
//   file.section(".text").sh_size = ~0ull;
#pragma once

#include <elf.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace ring3::elf {

// The bytes of an object and, as references into them, what a test may want to spoil. Everything
// that build() writes is aligned; resizing `bytes` makes the references invalid.
struct ElfFile {
  std::vector<std::byte> bytes;
  std::vector<std::string> names;  // of the sections

  operator Bytes() const { return bytes; }

  template <class T>
  T& at(uint64_t offset) {
    return *reinterpret_cast<T*>(bytes.data() + offset);
  }
  Elf64_Ehdr& header() { return at<Elf64_Ehdr>(0); }
  Elf64_Shdr& section(uint32_t index) {
    return at<Elf64_Shdr>(header().e_shoff + index * sizeof(Elf64_Shdr));
  }
  Elf64_Shdr& section(std::string_view name) { return section(index(name)); }
  Elf64_Sym& symbol(uint32_t index) {
    return at<Elf64_Sym>(section(".symtab").sh_offset + index * sizeof(Elf64_Sym));
  }
  // Entry `entry` of the relocation section `name`.
  Elf64_Rela& rela(std::string_view name, uint32_t entry) {
    return at<Elf64_Rela>(section(name).sh_offset + entry * sizeof(Elf64_Rela));
  }
  uint32_t index(std::string_view name) const {
    for (uint32_t i = 0; i < names.size(); i++)
      if (names[i] == name) return i;
    std::abort();  // the test asks for a section that it did not build
  }
};

class ElfBuilder {
 public:
  // Where x86-64 modules keep their name: after `enum module_state` and a list_head.
  static constexpr uint64_t kNameOffset = 24;

  ElfBuilder() { sections_.push_back({}); }

  // Sections are numbered from 1 in the order of these calls; what build() adds comes after them.
  uint32_t section(std::string name, uint32_t type, uint64_t flags, std::string_view content,
                   uint64_t align = 8) {
    Part part{.name = std::move(name), .content = std::string(content)};
    part.header.sh_type = type;
    part.header.sh_flags = flags;
    part.header.sh_size = content.size();
    part.header.sh_addralign = align;
    sections_.push_back(std::move(part));
    return static_cast<uint32_t>(sections_.size() - 1);
  }
  uint32_t text(std::string name, std::string_view code) {
    return section(std::move(name), SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, code, 16);
  }
  uint32_t data(std::string name, std::string_view content) {
    return section(std::move(name), SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, content);
  }
  uint32_t rodata(std::string name, std::string_view content) {
    return section(std::move(name), SHT_PROGBITS, SHF_ALLOC, content);
  }
  uint32_t bss(std::string name, uint64_t size) {
    uint32_t index = section(std::move(name), SHT_NOBITS, SHF_ALLOC | SHF_WRITE, "");
    sections_[index].header.sh_size = size;
    return index;
  }
  // The header of a section made by the calls above, for sh_link, sh_info, sh_entsize.
  Elf64_Shdr& header(uint32_t section) { return sections_[section].header; }

  // .modinfo "name=" and a .gnu.linkonce.this_module of `size` bytes with the same name in it.
  uint32_t this_module(std::string_view name, uint64_t size = 128) {
    modinfo("name", name);
    std::string module(size, '\0');
    module.replace(kNameOffset, name.size(), name);
    return data(".gnu.linkonce.this_module", module);
  }
  void modinfo(std::string_view tag, std::string_view value) {
    modinfo_.append(tag).append("=").append(value).push_back('\0');
  }
  void version(std::string_view symbol, uint64_t crc) {
    char entry[64] = {};  // struct modversion_info
    std::memcpy(entry, &crc, sizeof(crc));
    std::memcpy(entry + sizeof(crc), symbol.data(),
                std::min(symbol.size(), sizeof(entry) - sizeof(crc)));
    versions_.append(entry, sizeof(entry));
  }
  // .note.gnu.build-id with these bytes.
  void build_id(std::string_view id) {
    Elf64_Nhdr note{4, static_cast<Elf64_Word>(id.size()), NT_GNU_BUILD_ID};
    std::string content(reinterpret_cast<const char*>(&note), sizeof(note));
    content.append("GNU\0", 4).append(id);
    content.resize((content.size() + 3) & ~size_t{3});
    section(".note.gnu.build-id", SHT_NOTE, SHF_ALLOC, content, 4);
  }

  // Symbols are numbered from 1 in the order of these calls.
  uint32_t symbol(std::string_view name, uint16_t section, uint64_t value = 0, uint64_t size = 0,
                  uint8_t info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC)) {
    Elf64_Sym symbol{add_name(strings_, name), info, STV_DEFAULT, section, value, size};
    symbols_.push_back(symbol);
    return static_cast<uint32_t>(symbols_.size() - 1);
  }
  uint32_t undefined(std::string_view name, uint8_t bind = STB_GLOBAL) {
    return symbol(name, SHN_UNDEF, 0, 0, ELF64_ST_INFO(bind, STT_NOTYPE));
  }

  // Goes to ".rela" + the target's name.
  void rela(uint32_t target, uint64_t offset, uint32_t type, uint32_t symbol, int64_t addend = 0) {
    relas_[target].push_back({offset, ELF64_R_INFO(uint64_t{symbol}, type), addend});
  }

  void without_symtab() { with_symtab_ = false; }

  ElfFile build() {
    std::vector<Part> parts = sections_;
    auto add = [&](std::string name, uint32_t type, uint64_t flags, std::string content) {
      Part part{.name = std::move(name), .content = std::move(content)};
      part.header.sh_type = type;
      part.header.sh_flags = flags;
      part.header.sh_size = part.content.size();
      part.header.sh_addralign = 8;
      parts.push_back(std::move(part));
      return &parts.back().header;
    };
    if (!modinfo_.empty()) add(".modinfo", SHT_PROGBITS, SHF_ALLOC, modinfo_);
    if (!versions_.empty()) add("__versions", SHT_PROGBITS, SHF_ALLOC, versions_);
    uint32_t symtab = static_cast<uint32_t>(parts.size() + relas_.size());
    for (const auto& [target, entries] : relas_) {
      Elf64_Shdr* header =
          add(".rela" + parts[target].name, SHT_RELA, SHF_INFO_LINK, as_string(entries));
      header->sh_link = symtab;
      header->sh_info = target;
      header->sh_entsize = sizeof(Elf64_Rela);
    }
    if (with_symtab_) {
      Elf64_Shdr* header = add(".symtab", SHT_SYMTAB, 0, as_string(symbols_));
      header->sh_link = symtab + 1;
      header->sh_entsize = sizeof(Elf64_Sym);
      while (header->sh_info < symbols_.size() &&
             ELF64_ST_BIND(symbols_[header->sh_info].st_info) == STB_LOCAL)
        header->sh_info++;
      add(".strtab", SHT_STRTAB, 0, strings_);
    }
    std::string names(1, '\0');
    for (Part& part : parts) part.header.sh_name = add_name(names, part.name);
    uint32_t name = add_name(names, ".shstrtab");
    add(".shstrtab", SHT_STRTAB, 0, names)->sh_name = name;
    return lay_out(parts);
  }

 private:
  struct Part {
    std::string name;
    Elf64_Shdr header{};
    std::string content;
  };

  static uint32_t add_name(std::string& table, std::string_view name) {
    if (name.empty()) return 0;
    uint32_t offset = static_cast<uint32_t>(table.size());
    table.append(name).push_back('\0');
    return offset;
  }

  template <class T>
  static std::string as_string(const std::vector<T>& items) {
    return std::string(reinterpret_cast<const char*>(items.data()), items.size() * sizeof(T));
  }

  static ElfFile lay_out(const std::vector<Part>& parts) {
    std::string out(sizeof(Elf64_Ehdr), '\0');
    auto align = [&] { out.resize((out.size() + 15) & ~size_t{15}); };
    std::string headers;
    ElfFile file;
    for (const Part& part : parts) {
      Elf64_Shdr header = part.header;
      if (header.sh_type != SHT_NULL) {
        align();
        header.sh_offset = out.size();
      }
      out += part.content;
      headers.append(reinterpret_cast<const char*>(&header), sizeof(header));
      file.names.push_back(part.name);
    }
    align();
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_REL;
    header.e_machine = EM_X86_64;
    header.e_version = EV_CURRENT;
    header.e_ehsize = sizeof(Elf64_Ehdr);
    header.e_shoff = out.size();
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = static_cast<uint16_t>(parts.size());
    header.e_shstrndx = static_cast<uint16_t>(parts.size() - 1);
    out += headers;
    std::memcpy(out.data(), &header, sizeof(header));
    Bytes bytes = as_bytes(out);
    file.bytes.assign(bytes.begin(), bytes.end());
    return file;
  }

  std::vector<Part> sections_;
  std::vector<Elf64_Sym> symbols_ = {Elf64_Sym{}};
  std::string strings_ = std::string(1, '\0');
  std::map<uint32_t, std::vector<Elf64_Rela>> relas_;
  std::string modinfo_, versions_;
  bool with_symtab_ = true;
};

}  // namespace ring3::elf
