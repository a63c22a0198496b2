// SPDX-License-Identifier: GPL-2.0-only
// A checked, read-only view of a relocatable x86-64 object: the `.ko` as bytes, with every offset,
// count and name verified once, so that no later pass has to doubt them. What Linux checks is
// refused with Linux's errno and text (shared/CONTRACT.md 5.2 steps 2 and 3, kernel/module/main.c
// elf_validity_check and setup_load_info); what Linux does not check but a reader must (a symbol's
// name inside its string table, a relocation section's target) is refused with texts of our own.
//
// The view borrows the bytes: they must outlive it. It moves and does not copy.
#pragma once

#include <elf.h>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ring3::elf {

struct Section {
  uint32_t index = 0;
  std::string_view name;
  uint32_t type = 0;    // SHT_*
  uint64_t flags = 0;   // SHF_*
  uint64_t offset = 0;  // in the file
  uint64_t size = 0;    // in memory; NOBITS sections have no bytes
  uint64_t align = 0;   // sh_addralign as found; 0 and 1 both mean none
  uint64_t entsize = 0;
  uint32_t link = 0;
  uint32_t info = 0;
  uint64_t addr =
      0;  // sh_addr as found (modules from `ld -r` may carry non-zero ones); not used to place
  // `size` bytes, except for SHT_NOBITS, and for a SHT_NULL section that never goes to memory,
  // which have none.
  Bytes bytes;

  bool alloc() const { return flags & SHF_ALLOC; }
};

struct Symbol {
  uint32_t index = 0;
  std::string_view name;
  uint8_t info = 0;
  uint8_t other = 0;
  uint16_t section =
      0;               // SHN_UNDEF, SHN_ABS, SHN_COMMON, or an index. NOT checked: Linux refuses a
                       // bad one only when it resolves (CONTRACT step 13), with the symbol's name
  uint64_t value = 0;  // an offset into its section
  uint64_t size = 0;

  unsigned type() const { return ELF64_ST_TYPE(info); }
  unsigned bind() const { return ELF64_ST_BIND(info); }
};

// One SHT_RELA section and what it applies to. Every symbol index is one of symbols(), and what an
// entry of Linux's seven kinds (NONE 64 PC32 PLT32 32 32S PC64) writes lies inside the target's
// `size`. Entries of other kinds have any offset: Linux refuses them when it applies them.
struct Relocations {
  const Section* section = nullptr;  // the .rela section itself
  const Section* target = nullptr;
  std::span<const Elf64_Rela> entries;  // copied to aligned memory if the file's were not
};

// One entry of __versions (struct modversion_info: unsigned long crc; char name[56]).
struct Version {
  uint64_t crc = 0;
  std::string_view name;
};

// What of Linux's checks is another matter on another kernel.
struct Checks {
  bool unique_sections = false;  // find_any_unique_sec: what is looked for must be there once
  uint64_t module_size = 0;  // of struct module, which such a kernel compares; 0: it is not known
};

class View {
 public:
  // Checks of CONTRACT step 2 (elf_validity_check), in Linux's order with Linux's texts. The whole
  // file, uncompressed, with or without an appended signature.
  static Result<View> parse(Bytes file, const Checks& checks = {});

  View(View&&) = default;
  View& operator=(View&&) = default;
  View(const View&) = delete;  // pointers to sections_ are inside and outside

  // CONTRACT step 3: symbols present, .gnu.linkonce.this_module present. `this_module_name_offset`
  // is where struct module keeps its name (BTF: module.name), for objects without modinfo "name=".
  // Nor may there be REL relocations, which Linux refuses at step 14. NOT checked: that
  // this_module() is as large as the target's struct module (Linux 6.1 does not check it either).
  Result<void> check_module(uint64_t this_module_name_offset) const;

  const std::vector<Section>& sections() const { return sections_; }
  // The first SHF_ALLOC section of that name, which is what Linux finds; else the first without
  // that flag; else null.
  const Section* find(std::string_view name) const;
  const std::vector<Symbol>& symbols() const { return symbols_; }  // [0] is the null symbol
  const Section* symtab() const { return symtab_; }
  const Section* strtab() const { return strtab_; }
  // In the file's order. Only those that Linux applies: not those of debug sections, nor of
  // .modinfo, __versions and .data..percpu, which it keeps apart before it relocates.
  const std::vector<Relocations>& relocations() const { return relocations_; }
  const Section* this_module() const { return this_module_; }

  // .modinfo: "tag=value" strings. modinfo(tag) is the first value; modinfo_all every one, in
  // order.
  std::optional<std::string_view> modinfo(std::string_view tag) const;
  std::vector<std::string_view> modinfo_all(std::string_view tag) const;
  const std::vector<std::pair<std::string_view, std::string_view>>& modinfo_entries() const {
    return modinfo_;
  }

  // __versions, empty when the section is absent.
  const std::vector<Version>& versions() const { return versions_; }

  // The module's name as Linux takes it: modinfo "name=", else struct module's, else
  // "(missing .modinfo section or name field)".
  std::string name(uint64_t this_module_name_offset) const;

  // What struct module says, which is the module's name from CONTRACT step 5 on; else name().
  std::string struct_name(uint64_t this_module_name_offset) const;

  // The note .note.gnu.build-id as lower-case hex; empty when there is none.
  std::string build_id() const;

 private:
  static constexpr std::string_view kNoName = "(missing .modinfo section or name field)";

  View() = default;
  const Section* find_alloc(std::string_view name) const;
  Result<void> check_unique(const Checks& checks) const;
  size_t count(std::string_view name) const;
  Result<void> read_symbols();
  Result<void> read_relocations();
  Result<void> check_relocations(const Relocations& relocations) const;
  std::span<const Elf64_Rela> aligned_relas(const Section& section);
  void read_modinfo();
  void read_versions();

  Bytes file_;
  std::vector<Section> sections_;
  std::vector<Symbol> symbols_;
  std::vector<Relocations> relocations_;
  std::array<std::vector<uint64_t>, alignof(Elf64_Rela)> realigned_;  // by misalignment
  std::vector<std::pair<std::string_view, std::string_view>> modinfo_;
  std::vector<Version> versions_;
  const Section* symtab_ = nullptr;
  const Section* strtab_ = nullptr;
  const Section* this_module_ = nullptr;
  bool has_rel_ = false;
};

// The level at which Linux's log has what parse and check_module refused with.
int log_level(const Error& refusal);

// Does the file carry "~Module signature appended~\n" at its end, and where does the ELF part end?
// (kernel/module/signing.c; include/linux/module_signature.h: struct module_signature before the
// marker.) Verification is not here.
struct AppendedSignature {
  uint64_t elf_size = 0;  // bytes of the file before the signature
  Bytes info;   // struct module_signature, 12 bytes; empty: there is no room for one (EBADMSG)
  Bytes pkcs7;  // data() is null when the length in `info` does not fit the file (EBADMSG)
};
std::optional<AppendedSignature> find_signature(Bytes file);

// Reads a whole `.ko` (plain or packed, at most 1 GiB either way), and unpacks it when its first
// bytes are those of gzip, xz or zstd. Errors name the file, and for a damaged archive the offset
// of the trouble.
inline constexpr uint64_t kModuleSizeLimit = 1ull << 30;
struct FileBytes {
  std::vector<std::byte> bytes;
  std::string compression;  // "", "gzip", "xz" or "zstd"
};
Result<FileBytes> read_module_file(const std::string& path);
// One whole gzip, xz or zstd file. EFBIG: more than `limit` bytes. EINVAL: damaged, cut short, or
// none of the three.
Result<std::vector<std::byte>> decompress(Bytes packed, std::string_view file_name,
                                          uint64_t limit = kModuleSizeLimit);

}  // namespace ring3::elf
