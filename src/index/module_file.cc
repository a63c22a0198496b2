// SPDX-License-Identifier: GPL-2.0-only
// Headers and sections. The section headers lie at the end of a module with their names before
// them, so one read gets both. The names are looked at once, for the handful of sections that every
// module is asked for.
#include "index/module_file.h"

#include <elf.h>
#include <fmt/format.h>

#include "elf/view.h"

namespace ring3::index {
namespace {

template <class... T>
Error damaged(fmt::format_string<T...> format, T&&... arguments) {
  return Error{EINVAL, fmt::format(format, std::forward<T>(arguments)...)};
}

const char* chars(Bytes bytes) { return reinterpret_cast<const char*>(bytes.data()); }

bool is_packed(const unsigned char* magic) {
  return (magic[0] == 0x1f && magic[1] == 0x8b) ||
         std::memcmp(magic,
                     "\xfd"
                     "7zXZ",
                     5) == 0 ||
         std::memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0;
}

}  // namespace

Result<void> ModuleFile::open(const std::string& path) {
  arena_.reset();
  unpacked_.clear();
  compression_.clear();
  in_memory_ = false;
  TRY(file_.open(path));
  size_ = file_.size();
  unsigned char magic[8] = {};
  if (size_ >= sizeof(Elf64_Ehdr)) {
    char* header = arena_.allocate(sizeof(Elf64_Ehdr));
    TRY(file_.read_at(0, header, sizeof(Elf64_Ehdr)));
    headers_ = {reinterpret_cast<std::byte*>(header), sizeof(Elf64_Ehdr)};
    std::memcpy(magic, header, sizeof(magic));
  } else {
    headers_ = TRY(read(0, size_));
    for (size_t i = 0; i < std::min<size_t>(sizeof(magic), headers_.size()); i++)
      magic[i] = static_cast<unsigned char>(headers_[i]);
  }
  if (is_packed(magic)) {
    elf::FileBytes file = TRY(elf::read_module_file(path));
    compression_ = file.compression;
    unpacked_ = std::move(file.bytes);
    return open_bytes(unpacked_);
  }
  return read_headers();
}

Result<void> ModuleFile::open_bytes(Bytes bytes) {
  in_memory_ = true;
  whole_ = bytes;
  size_ = bytes.size();
  headers_ = bytes.first(std::min<size_t>(size_, sizeof(Elf64_Ehdr)));
  return read_headers();
}

Result<Bytes> ModuleFile::read(uint64_t offset, uint64_t size) {
  if (offset > size_ || size > size_ - offset)
    return damaged("the file has {} bytes and should have some at {}; is it cut short?", size_,
                   offset + size);
  if (in_memory_) return whole_.subspan(offset, size);
  char* at = arena_.allocate(size);
  TRY(file_.read_at(offset, at, size));
  return Bytes{reinterpret_cast<std::byte*>(at), size};
}

// `headers_` are the first bytes of the file.
Result<void> ModuleFile::read_headers() {
  Bytes header = headers_;
  count_ = 0;
  modinfo_ = versions_ = symtab_ = strtab_ = export_names_ = {};
  export_tables_ = crc_tables_ = 0;
  headers_ = names_ = {};
  if (header.empty()) return damaged("the file is empty");
  const char* at = chars(header);
  if (header.size() < SELFMAG || std::memcmp(at, ELFMAG, SELFMAG) != 0)
    return Error{ENOEXEC, "not an ELF file"};
  if (header.size() < sizeof(Elf32_Ehdr)) return damaged("the file ends in its ELF header");
  shape_.wide = at[EI_CLASS] == ELFCLASS64;
  shape_.big_endian = at[EI_DATA] == ELFDATA2MSB;
  if ((!shape_.wide && at[EI_CLASS] != ELFCLASS32) ||
      (!shape_.big_endian && at[EI_DATA] != ELFDATA2LSB))
    return Error{ENOEXEC, "an ELF file of an unknown class or byte order"};
  if (shape_.wide && header.size() < sizeof(Elf64_Ehdr))
    return damaged("the file ends in its ELF header");
  uint64_t offset = shape_.wide ? shape_.number(at + 40, 8) : shape_.number(at + 32, 4);
  const char* rest = at + (shape_.wide ? 58 : 46);
  uint64_t entry = shape_.number(rest, 2), count = shape_.number(rest + 2, 2),
           names = shape_.number(rest + 4, 2);
  if (entry != (shape_.wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr)))
    return damaged("section headers of {} bytes", entry);
  if (names >= count) return damaged("section names in section {} of {}", names, count);

  // With what lies before them, where the names usually are.
  constexpr uint64_t kBefore = 1024;
  uint64_t before = in_memory_ ? 0 : std::min(offset, kBefore);
  Bytes near = TRY(read(offset - before, before + entry * count));
  headers_ = near.subspan(before);
  count_ = static_cast<uint32_t>(count);
  Section section = section_at(static_cast<uint32_t>(names));
  uint64_t near_from = offset - before;
  if (section.offset >= near_from && section.offset <= offset &&
      section.size <= offset - section.offset)
    names_ = near.subspan(section.offset - near_from, section.size);
  else
    names_ = TRY(read(section));
  if (names_.empty() || names_.back() != std::byte{0})
    return damaged("the section names do not end inside their section");
  for (uint32_t i = 1; i < count_; i++) note_section(i);
  return {};
}

ModuleFile::Section ModuleFile::section_at(uint32_t index) const {
  Section section;
  section.present = true;
  if (shape_.wide) {
    const char* at = chars(headers_) + index * sizeof(Elf64_Shdr);
    section.type = static_cast<uint32_t>(shape_.number(at + 4, 4));
    section.offset = shape_.number(at + 24, 8);
    section.size = shape_.number(at + 32, 8);
    section.info = static_cast<uint32_t>(shape_.number(at + 44, 4));
  } else {
    const char* at = chars(headers_) + index * sizeof(Elf32_Shdr);
    section.type = static_cast<uint32_t>(shape_.number(at + 4, 4));
    section.offset = shape_.number(at + 16, 4);
    section.size = shape_.number(at + 20, 4);
    section.info = static_cast<uint32_t>(shape_.number(at + 28, 4));
  }
  if (section.type == SHT_NOBITS) section.size = 0;
  return section;
}

// Is it one of those that every module is asked for? Most are not, as their first characters tell.
void ModuleFile::note_section(uint32_t index) {
  size_t header = index * (shape_.wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr));
  uint64_t offset = shape_.number(chars(headers_) + header, 4);
  if (offset + 4 >= names_.size()) return;
  const char* name = chars(names_) + offset;
  auto keep = [&](Section& section, const char* wanted) {
    if (!section.present && std::strcmp(name, wanted) == 0) section = section_at(index);
  };
  if (name[0] == '.') {
    if (name[1] == 'm') keep(modinfo_, ".modinfo");
    if (name[1] == 's' && name[2] == 'y') keep(symtab_, ".symtab");
    if (name[1] == 's' && name[2] == 't') keep(strtab_, ".strtab");
  } else if (name[0] == '_' && name[1] == '_') {
    if (name[2] == 'v') keep(versions_, "__versions");
    if (name[2] != 'k') return;
    if (std::strcmp(name, "__ksymtab_strings") == 0)
      keep(export_names_, name);
    else if (std::string_view(name).starts_with("__ksymtab"))
      export_tables_ += section_at(index).size;
    else if (std::string_view(name).starts_with("__kcrctab"))
      crc_tables_ += section_at(index).size;
  }
}

ModuleFile::Section ModuleFile::find(std::string_view name) const {
  for (uint32_t i = 1; i < count_; i++) {
    size_t header = i * (shape_.wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr));
    auto found = string_at(names_, shape_.number(chars(headers_) + header, 4));
    if (found && *found == name) return section_at(i);
  }
  return {};
}

Result<Bytes> ModuleFile::section(std::string_view name) {
  Section section = find(name);
  if (!section.present) return Bytes{};
  return read(section);
}

Result<std::span<const std::string_view>> ModuleFile::modinfo() {
  modinfo_entries_.clear();
  std::string_view rest;
  if (modinfo_.present) rest = as_text(TRY(read(modinfo_)));
  while (!rest.empty()) {
    size_t end = std::min(rest.find('\0'), rest.size());
    if (end) modinfo_entries_.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::span<const std::string_view>(modinfo_entries_);
}

}  // namespace ring3::index
