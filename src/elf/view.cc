// SPDX-License-Identifier: GPL-2.0-only
// Parsing: Linux's checks first (validity.cc), then what a reader must know beyond them, table by
// table. Debug sections are never looked into: a module can carry a hundred times its size of them.
#include "elf/view.h"

#include "elf/refuse.h"
#include "elf/validity.h"

namespace ring3::elf {

Result<View> View::parse(Bytes file, const Checks& checks) {
  Headers headers = TRY(check_validity(file, checks.unique_sections));
  View view;
  view.file_ = file;
  view.sections_.reserve(headers.file.e_shnum);
  for (uint32_t i = 0; i < headers.file.e_shnum; i++) {
    Elf64_Shdr raw = headers.section(file, i);
    Section section{.index = i,
                    .name = string_at(headers.section_names, raw.sh_name).value_or(""),
                    .type = raw.sh_type,
                    .flags = raw.sh_flags,
                    .offset = raw.sh_offset,
                    .size = raw.sh_size,
                    .align = raw.sh_addralign,
                    .entsize = raw.sh_entsize,
                    .link = raw.sh_link,
                    .info = raw.sh_info,
                    .addr = raw.sh_addr,
                    .bytes = {}};
    if (raw.sh_type != SHT_NOBITS) {
      // Linux checks no range of a SHT_NULL section, yet copies it to memory when it is SHF_ALLOC.
      auto bytes = slice(file, raw.sh_offset, raw.sh_size);
      if (!bytes && section.alloc())
        return refuse("section {} ({}): its {} bytes at {:#x} are outside of the file ({} bytes)",
                      i, section.name, raw.sh_size, raw.sh_offset, file.size());
      section.bytes = bytes.value_or(Bytes());
    }
    view.sections_.push_back(section);
  }
  view.this_module_ = view.find_alloc(".gnu.linkonce.this_module");
  view.read_modinfo();
  if (checks.unique_sections) TRY(view.check_unique(checks));
  TRY(view.read_symbols());
  TRY(view.read_relocations());
  view.read_versions();
  return view;
}

// Linux's find_sec: sections that are not SHF_ALLOC do not exist for it.
const Section* View::find_alloc(std::string_view name) const {
  for (const Section& section : sections_)
    if (section.index && section.alloc() && section.name == name) return &section;
  return nullptr;
}

const Section* View::find(std::string_view name) const {
  if (const Section* section = find_alloc(name)) return section;
  for (const Section& section : sections_)
    if (section.index && section.name == name) return &section;
  return nullptr;
}

Result<void> View::check_module(uint64_t this_module_name_offset) const {
  // Up to here Linux knows no other name than .modinfo's.
  std::string_view name = modinfo("name").value_or(kNoName);
  if (!symtab_) return refuse("{}: module has no symbols (stripped?)", name);
  if (!this_module_) return refuse("{}: No module found in object", name);
  // Linux says this at step 14, whatever the section holds; nothing between here and there changes
  // the outcome.
  if (has_rel_)
    return refuse("module {}: REL relocation unsupported", this->name(this_module_name_offset));
  return {};
}

int log_level(const Error& refusal) {
  for (std::string_view warning :
       {": module has no symbols (stripped?)", ": No module found in object"})
    if (std::string_view(refusal.text).ends_with(warning)) return 4;
  return 3;
}

std::string View::name(uint64_t this_module_name_offset) const {
  if (auto name = modinfo("name")) return std::string(*name);
  return struct_name(this_module_name_offset);
}

std::string View::struct_name(uint64_t this_module_name_offset) const {
  if (this_module_)
    if (auto name = string_at(this_module_->bytes, this_module_name_offset); name && !name->empty())
      return std::string(*name);
  return std::string(modinfo("name").value_or(kNoName));
}

}  // namespace ring3::elf
