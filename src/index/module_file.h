// SPDX-License-Identifier: GPL-2.0-only
// The quick look into a .ko: which sections it has, and the bytes of the few that depmod and
// modinfo ask for. A plain file is never read whole: two reads get the headers, one more each
// section. A packed one (gzip, xz, zstd) is unpacked whole first. ELF of 32 and 64 bits and of
// either byte order, since depmod also runs for other machines (-b). Everything in the file is
// checked when it is used. What the answers point to lives until the next open(), the lists
// themselves until the same question is asked again.
//
// src/elf is the reader that a load trusts; this one answers a few questions about many files.
#pragma once

#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "host/input_file.h"

namespace ring3::index {

// Numbers of the file as they stand in it.
struct ElfShape {
  bool wide = true;         // 64 bits
  bool big_endian = false;  // else little

  uint64_t number(const char* at, unsigned size) const {
    uint64_t value = 0;
    std::memcpy(&value, at, size);
    return big_endian ? __builtin_bswap64(value) >> (64 - 8 * size) : value;
  }
  // The size of an `unsigned long`.
  unsigned word() const { return wide ? 8 : 4; }
};

class ModuleFile {
 public:
  struct Section {
    uint64_t offset = 0, size = 0;
    uint32_t type = 0, info = 0;
    bool present = false;
  };
  struct Export {
    std::string_view name;
    uint64_t crc = 0;  // only if asked for
  };
  struct Import {
    std::string_view name;
    uint64_t crc = 0;  // only if asked for, 0: none is known
    bool weak = false;
  };

  // ENOEXEC: no ELF file; EINVAL: damaged. The text says what and where, without the path.
  Result<void> open(const std::string& path);
  // The same with the bytes of an unpacked file, which must outlive the use.
  Result<void> open_bytes(Bytes bytes);

  const ElfShape& shape() const { return shape_; }
  uint64_t size() const { return size_; }                          // unpacked
  const std::string& compression() const { return compression_; }  // "", "gzip", "xz", "zstd"
  // These bytes of the (unpacked) file.
  Result<Bytes> read(uint64_t offset, uint64_t size);
  // The first section of this name; empty if there is none or it has no bytes.
  Result<Bytes> section(std::string_view name);
  bool has_section(std::string_view name) const { return find(name).present; }

  // "tag=value" and what else stands in .modinfo, in its order.
  Result<std::span<const std::string_view>> modinfo();

  // The names that the module exports. From __ksymtab_strings where that has nothing but names,
  // else (namespaces stand there too) from the __crc_ symbols of .symtab, else from the strings.
  // With `crcs` always from .symtab, if it has them.
  Result<std::span<const Export>> exports(bool crcs);

  // What the module needs: the undefined symbols of .symtab in their order, then the names that
  // only __versions has. Nothing when there is no .symtab. Without `crcs` the second part is looked
  // at only if __versions has another number of entries than .symtab undefined symbols and one
  // (module_layout).
  Result<std::span<const Import>> imports(bool crcs);

 private:
  struct Symbol {
    uint32_t name;
    uint16_t section;
    uint8_t bind;
    uint64_t value;
  };

  Result<void> read_headers();
  Section section_at(uint32_t index) const;
  Section find(std::string_view name) const;
  void note_section(uint32_t index);
  unsigned symbol_size() const { return shape_.wide ? 24 : 16; }
  Symbol symbol(const char* at) const;
  Result<Bytes> read(const Section& section) { return read(section.offset, section.size); }
  Result<void> exports_of_symtab(bool crcs);
  Result<uint64_t> crc_of(const Symbol& symbol);
  Result<void> add_versions(bool crcs);

  host::InputFile file_;
  std::vector<std::byte> unpacked_;
  Bytes whole_;  // the bytes if they are in memory
  bool in_memory_ = false;
  Arena arena_;
  uint64_t size_ = 0;
  std::string compression_;

  ElfShape shape_;
  Bytes headers_;  // of the sections
  Bytes names_;    // .shstrtab
  uint32_t count_ = 0;
  // Of the sections that every module is asked for.
  Section modinfo_, versions_, symtab_, strtab_, export_names_;
  std::vector<std::string_view> modinfo_entries_;
  std::vector<Export> exports_;
  std::vector<Import> imports_;
  std::vector<Symbol> undefined_;
  uint64_t export_tables_ = 0, crc_tables_ = 0;  // bytes of __ksymtab*, __kcrctab*
};

}  // namespace ring3::index
