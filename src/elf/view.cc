// SPDX-License-Identifier: GPL-2.0-only
// Parsing: Linux's checks first, in Linux's order and words, then what a reader must know beyond
// them.
#include "elf/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace ring3::elf {
namespace {

template <class... T>
Error refuse(fmt::format_string<T...> format, T&&... arguments) {
  return Error{ENOEXEC, fmt::format(format, std::forward<T>(arguments)...)};
}

bool inside(uint64_t offset, uint64_t size, uint64_t file_size) {
  return offset + size >= offset && offset + size <= file_size;
}

// elf_validity_check up to the section headers.
Result<Elf64_Ehdr> check_header(Bytes file) {
  if (file.size() < sizeof(Elf64_Ehdr)) return refuse("Invalid ELF header len {}", file.size());
  Elf64_Ehdr header = *read_at<Elf64_Ehdr>(file, 0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    return refuse("Invalid ELF header magic: != {}", ELFMAG);
  if (header.e_type != ET_REL)
    return refuse("Invalid ELF header type: {} != {}", header.e_type, ET_REL);
  if (header.e_machine != EM_X86_64)
    return refuse("Invalid architecture in ELF header: {}", header.e_machine);
  if (header.e_shentsize != sizeof(Elf64_Shdr)) return refuse("Invalid ELF section header size");
  if (header.e_shoff >= file.size() ||
      header.e_shnum * sizeof(Elf64_Shdr) > file.size() - header.e_shoff)
    return refuse("Invalid ELF section header overflow");
  if (header.e_shstrndx == SHN_UNDEF || header.e_shstrndx >= header.e_shnum)
    return refuse("Invalid ELF section name index: {} || e_shstrndx ({}) >= e_shnum ({})",
                  header.e_shstrndx, header.e_shstrndx, header.e_shnum);
  return header;
}

// The section name table must be there, not empty, and end in a NUL.
Result<Bytes> check_names(Bytes file, const Elf64_Shdr& names) {
  if (!inside(names.sh_offset, names.sh_size, file.size()))
    return refuse("Invalid ELF section hdr(type {})", names.sh_type);
  if (names.sh_size == 0) return refuse("empty section name table");
  Bytes bytes = file.subspan(names.sh_offset, names.sh_size);
  if (bytes.back() != std::byte{0})
    return refuse("ELF Spec violation: section name table isn't null terminated");
  return bytes;
}

Result<void> check_section(const Elf64_Shdr& header, uint32_t index, Bytes file, Bytes names,
                           uint32_t count) {
  switch (header.sh_type) {
    case SHT_NULL:
    case SHT_NOBITS:
      return {};
    case SHT_SYMTAB:
      if (header.sh_link == SHN_UNDEF || header.sh_link >= count)
        return refuse("Invalid ELF sh_link!=SHN_UNDEF({}) or (sh_link({}) >= hdr->e_shnum({})",
                      header.sh_link, header.sh_link, count);
      [[fallthrough]];
    default:
      if (!inside(header.sh_offset, header.sh_size, file.size()))
        return refuse("Invalid ELF section in module (section {} type {})", index, header.sh_type);
      if ((header.sh_flags & SHF_ALLOC) && header.sh_name >= names.size())
        return refuse("Invalid ELF section name in module (section {} type {})", index,
                      header.sh_type);
      return {};
  }
}

}  // namespace

Result<View> View::parse(Bytes file) {
  Elf64_Ehdr header = TRY(check_header(file));
  auto raw = [&](uint32_t index) {
    return *read_at<Elf64_Shdr>(file, header.e_shoff + index * sizeof(Elf64_Shdr));
  };
  Bytes names = TRY(check_names(file, raw(header.e_shstrndx)));
  Elf64_Shdr null = raw(0);
  if (null.sh_type != SHT_NULL || null.sh_size != 0 || null.sh_addr != 0)
    return refuse("ELF Spec violation: section 0 type({})!=SH_NULL or non-zero len or addr",
                  null.sh_type);

  View view;
  view.file_ = file;
  view.sections_.reserve(header.e_shnum);
  for (uint32_t i = 0; i < header.e_shnum; i++) {
    Elf64_Shdr section = raw(i);
    if (i > 0) TRY(check_section(section, i, file, names, header.e_shnum));
    Section out{.index = i,
                .name = string_at(names, section.sh_name).value_or(""),
                .type = section.sh_type,
                .flags = section.sh_flags,
                .offset = section.sh_offset,
                .size = section.sh_size,
                .align = section.sh_addralign,
                .entsize = section.sh_entsize,
                .link = section.sh_link,
                .info = section.sh_info,
                .addr = section.sh_addr,
                .bytes = {}};
    if (section.sh_type != SHT_NULL && section.sh_type != SHT_NOBITS)
      out.bytes = file.subspan(section.sh_offset, section.sh_size);
    view.sections_.push_back(out);
  }
  TRY(view.read_symbols());
  TRY(view.read_relocations());
  TRY(view.read_modinfo());
  return view;
}

Result<void> View::read_symbols() {
  for (const Section& section : sections_) {
    if (section.type == SHT_SYMTAB) symtab_ = &section;
    if (section.name == ".gnu.linkonce.this_module" && section.alloc() && !this_module_)
      this_module_ = &section;
  }
  if (!symtab_) return {};  // check_module tells
  strtab_ = &sections_[symtab_->link];
  if (symtab_->size % sizeof(Elf64_Sym) != 0)
    return refuse("section {} ({}): its size {} is no multiple of a symbol's {}", symtab_->index,
                  symtab_->name, symtab_->size, sizeof(Elf64_Sym));
  size_t count = symtab_->size / sizeof(Elf64_Sym);
  symbols_.resize(count);
  for (size_t i = 0; i < count; i++) {
    Elf64_Sym raw = *read_at<Elf64_Sym>(symtab_->bytes, i * sizeof(Elf64_Sym));
    std::string_view name;
    if (raw.st_name != 0) {
      auto found = string_at(strtab_->bytes, raw.st_name);
      if (!found)
        return refuse("section {} ({}): symbol {}: its name at {:#x} is outside of section {}",
                      symtab_->index, symtab_->name, i, raw.st_name, strtab_->index);
      name = *found;
    }
    symbols_[i] = {static_cast<uint32_t>(i),
                   name,
                   raw.st_info,
                   raw.st_other,
                   raw.st_shndx,
                   raw.st_value,
                   raw.st_size};
  }
  return {};
}

// Only relocations of sections that go to memory: those of debug sections may be many megabytes.
Result<void> View::read_relocations() {
  for (const Section& section : sections_) {
    if (section.type != SHT_RELA && section.type != SHT_REL) continue;
    if (section.info >= sections_.size()) continue;  // Linux skips it as well
    const Section& target = sections_[section.info];
    if (!target.alloc()) continue;
    if (section.type == SHT_REL)
      return refuse("section {} ({}): REL relocations are not x86-64's", section.index,
                    section.name);
    if (section.size % sizeof(Elf64_Rela) != 0)
      return refuse("section {} ({}): its size {} is no multiple of a relocation's {}",
                    section.index, section.name, section.size, sizeof(Elf64_Rela));
    size_t count = section.size / sizeof(Elf64_Rela);
    const std::byte* data = section.bytes.data();
    std::span<const Elf64_Rela> entries;
    if (reinterpret_cast<uintptr_t>(data) % alignof(Elf64_Rela) == 0) {
      entries = {reinterpret_cast<const Elf64_Rela*>(data), count};
    } else {
      auto& copy = aligned_relas_.emplace_back(count);
      if (count) std::memcpy(copy.data(), data, section.size);
      entries = copy;
    }
    for (size_t i = 0; i < count; i++) {
      if (ELF64_R_SYM(entries[i].r_info) >= symbols_.size())
        return refuse("section {} ({}): relocation {}: symbol {} of only {}", section.index,
                      section.name, i, ELF64_R_SYM(entries[i].r_info), symbols_.size());
      if (entries[i].r_offset >= target.size)
        return refuse(
            "section {} ({}): relocation {}: offset {:#x} is outside of section {} ({:#x} bytes)",
            section.index, section.name, i, entries[i].r_offset, target.index, target.size);
    }
    relocations_.push_back({&section, &target, entries});
  }
  return {};
}

Result<void> View::read_modinfo() {
  if (const Section* section = find(".modinfo")) {
    std::string_view rest = as_text(section->bytes);
    while (!rest.empty()) {
      size_t end = rest.find('\0');
      std::string_view entry = rest.substr(0, end);
      size_t equals = entry.find('=');
      if (equals != std::string_view::npos)
        modinfo_.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  }
  if (const Section* section = find("__versions")) {
    constexpr size_t kEntry = 64;  // struct modversion_info: unsigned long crc; char name[56]
    for (size_t at = 0; at + kEntry <= section->bytes.size(); at += kEntry) {
      std::string_view name = as_text(section->bytes.subspan(at + 8, kEntry - 8));
      versions_.push_back(
          {*read_at<uint64_t>(section->bytes, at), name.substr(0, name.find('\0'))});
    }
  }
  return {};
}

const Section* View::find(std::string_view name) const {
  for (const Section& section : sections_)
    if (section.alloc() && section.name == name) return &section;
  for (const Section& section : sections_)
    if (section.index && section.name == name) return &section;
  return nullptr;
}

std::optional<std::string_view> View::modinfo(std::string_view tag) const {
  for (auto& [key, value] : modinfo_)
    if (key == tag) return value;
  return std::nullopt;
}

std::vector<std::string_view> View::modinfo_all(std::string_view tag) const {
  std::vector<std::string_view> values;
  for (auto& [key, value] : modinfo_)
    if (key == tag) values.push_back(value);
  return values;
}

std::string View::name(uint64_t name_offset) const {
  if (auto name = modinfo("name")) return std::string(*name);
  if (this_module_)
    if (auto name = string_at(this_module_->bytes, name_offset)) return std::string(*name);
  return "(missing .modinfo section or name field)";
}

Result<void> View::check_module(uint64_t name_offset) const {
  if (!symtab_) return refuse("{}: module has no symbols (stripped?)", name(name_offset));
  if (!this_module_) return refuse("{}: No module found in object", name(name_offset));
  return {};
}

std::string View::build_id() const {
  const Section* section = find(".note.gnu.build-id");
  if (!section) return "";
  auto note = read_at<Elf64_Nhdr>(section->bytes, 0);
  if (!note) return "";
  uint64_t name_size = (static_cast<uint64_t>(note->n_namesz) + 3) & ~3ull;
  auto id = slice(section->bytes, sizeof(*note) + name_size, note->n_descsz);
  if (!id) return "";
  std::string text;
  for (std::byte byte : *id) text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return text;
}

}  // namespace ring3::elf
