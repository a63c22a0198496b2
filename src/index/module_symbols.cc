// SPDX-License-Identifier: GPL-2.0-only
// The names that a module exports and needs. Of .symtab only the global symbols at its end are
// read, where the undefined ones are, and of .strtab the part that their names span; __versions has
// the same names in twice the bytes, and in another order where modpost saw another.
//
// kmod takes as exported what has a __crc_ symbol. Reading these needs all of .symtab and .strtab
// of the exporting modules. The strings are a twelfth of that and the same names, if there are as
// many as entries in the tables; there are more when symbols have a namespace.
#include <elf.h>
#include <fmt/format.h>

#include <unordered_map>

#include "index/module_file.h"

namespace ring3::index {
namespace {

constexpr std::string_view kCrcPrefix = "__crc_";
constexpr uint64_t kVersionEntry = 64;  // struct modversion_info
// Of struct kernel_symbol with relative references: value, name, namespace.
constexpr uint64_t kExportEntry = 12;
constexpr uint64_t kCrcEntry = 4;

const char* chars(Bytes bytes) { return reinterpret_cast<const char*>(bytes.data()); }

Result<std::string_view> name_in(Bytes strings, uint64_t offset) {
  auto name = string_at(strings, offset);
  if (!name)
    return Error{EINVAL, fmt::format("a symbol's name at {} of a .strtab of {} bytes", offset,
                                     strings.size())};
  return *name;
}

std::vector<std::string_view> strings_of(std::string_view text) {
  std::vector<std::string_view> strings;
  while (!text.empty()) {
    size_t end = std::min(text.find('\0'), text.size());
    if (end) strings.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return strings;
}

}  // namespace

ModuleFile::Symbol ModuleFile::symbol(const char* at) const {
  Symbol symbol;
  symbol.name = static_cast<uint32_t>(shape_.number(at, 4));
  if (shape_.wide) {
    symbol.bind = static_cast<uint8_t>(ELF64_ST_BIND(static_cast<unsigned char>(at[4])));
    symbol.section = static_cast<uint16_t>(shape_.number(at + 6, 2));
    symbol.value = shape_.number(at + 8, 8);
  } else {
    symbol.bind = static_cast<uint8_t>(ELF32_ST_BIND(static_cast<unsigned char>(at[12])));
    symbol.section = static_cast<uint16_t>(shape_.number(at + 14, 2));
    symbol.value = shape_.number(at + 4, 4);
  }
  return symbol;
}

Result<std::span<const ModuleFile::Export>> ModuleFile::exports(bool crcs) {
  exports_.clear();
  if (!export_names_.present && !crc_tables_) return std::span<const Export>();
  std::vector<std::string_view> names;
  if (export_names_.present) names = strings_of(as_text(TRY(read(export_names_))));
  bool only_names = export_names_.present && names.size() * kExportEntry == export_tables_ &&
                    (!crc_tables_ || names.size() * kCrcEntry == crc_tables_);
  if (!only_names || crcs) TRY(exports_of_symtab(crcs));
  if (exports_.empty())
    for (std::string_view name : names) exports_.push_back({name, 0});
  return std::span<const Export>(exports_);
}

Result<void> ModuleFile::exports_of_symtab(bool crcs) {
  if (!symtab_.present || !strtab_.present) return {};
  Bytes symbols = TRY(read(symtab_)), strings = TRY(read(strtab_));
  for (uint64_t at = symbol_size(); at + symbol_size() <= symbols.size(); at += symbol_size()) {
    Symbol found = symbol(chars(symbols) + at);
    std::string_view name = TRY(name_in(strings, found.name));
    if (!name.starts_with(kCrcPrefix)) continue;
    exports_.push_back({name.substr(kCrcPrefix.size()), crcs ? TRY(crc_of(found)) : 0});
  }
  return {};
}

// A __crc_ symbol is the CRC, or (since 5.x, by architecture) the place where it stands.
Result<uint64_t> ModuleFile::crc_of(const Symbol& symbol) {
  if (symbol.section == SHN_UNDEF || symbol.section >= count_) return symbol.value;
  Section section = section_at(symbol.section);
  if (symbol.value > section.size || section.size - symbol.value < kCrcEntry)
    return Error{EINVAL,
                 fmt::format("a CRC at {} of a section of {} bytes", symbol.value, section.size)};
  Bytes crc = TRY(read(section.offset + symbol.value, kCrcEntry));
  return shape_.number(chars(crc), kCrcEntry);
}

Result<std::span<const ModuleFile::Import>> ModuleFile::imports(bool crcs) {
  imports_.clear();
  undefined_.clear();
  if (!symtab_.present || !strtab_.present) return std::span<const Import>();
  // sh_info is the first symbol that is not local.
  uint64_t size = symbol_size(), first = symtab_.info * uint64_t{size};
  if (first == 0 || first > symtab_.size) first = std::min<uint64_t>(size, symtab_.size);
  uint64_t globals_size = symtab_.size - first;
  // Both tables at once where they are neighbours and small.
  constexpr uint64_t kSmall = 4096;
  bool together = strtab_.offset == symtab_.offset + symtab_.size && strtab_.size < kSmall &&
                  globals_size < kSmall - strtab_.size;
  Bytes globals = TRY(read(symtab_.offset + first, globals_size + (together ? strtab_.size : 0)));
  uint64_t low = UINT64_MAX, high = 0;
  for (uint64_t at = 0; at + size <= globals_size; at += size) {
    Symbol found = symbol(chars(globals) + at);
    if (found.section != SHN_UNDEF) continue;
    undefined_.push_back(found);
    low = std::min<uint64_t>(low, found.name);
    high = std::max<uint64_t>(high, found.name);
  }
  if (!undefined_.empty()) {
    if (high >= strtab_.size) TRY(name_in({}, high));
    Bytes strings;
    if (together) {
      strings = globals.subspan(globals_size);
      low = 0;
    } else {
      // The last name's end is not known yet: with room for it.
      constexpr uint64_t kLastName = 256;
      uint64_t end = strtab_.size - high > kLastName ? high + kLastName : strtab_.size;
      strings = TRY(read(strtab_.offset + low, end - low));
      if (!string_at(strings, high - low))
        strings = TRY(read(strtab_.offset + low, strtab_.size - low));
    }
    for (const Symbol& found : undefined_) {
      std::string_view name = TRY(name_in(strings, found.name - low));
      if (!name.empty()) imports_.push_back({name, 0, found.bind == STB_WEAK});
    }
  }
  if (versions_.present && (crcs || versions_.size / kVersionEntry != imports_.size() + 1))
    TRY(add_versions(crcs));
  return std::span<const Import>(imports_);
}

Result<void> ModuleFile::add_versions(bool crcs) {
  Bytes versions = TRY(read(versions_));
  std::unordered_map<std::string_view, size_t> known;
  for (size_t i = 0; i < imports_.size(); i++) known.emplace(imports_[i].name, i);
  for (uint64_t at = 0; at + kVersionEntry <= versions.size(); at += kVersionEntry) {
    const char* entry = chars(versions) + at;
    std::string_view name(entry + shape_.word(), kVersionEntry - shape_.word());
    name = name.substr(0, name.find('\0'));
    uint64_t crc = crcs ? shape_.number(entry, shape_.word()) : 0;
    auto [place, added] = known.emplace(name, imports_.size());
    if (added)
      imports_.push_back({name, crc, false});
    else
      imports_[place->second].crc = crc;
  }
  return {};
}

}  // namespace ring3::index
