// SPDX-License-Identifier: GPL-2.0-only
#include "debug/source_lines.h"

#include <elf.h>
#include <elfutils/libdwfl.h>
#include <fmt/format.h>

namespace ring3::debug {
namespace {

char* no_debug_path = nullptr;
const Dwfl_Callbacks kCallbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .section_address = dwfl_offline_section_address,
    .debuginfo_path = &no_debug_path,
};

}  // namespace

// libdwfl places the sections of a relocatable file at addresses of its own, one after the other,
// and applies the debug relocations for them.
struct SourceLines::Debug {
  Dwfl* dwfl = nullptr;
  Dwfl_Module* module = nullptr;
  ~Debug() {
    if (dwfl) dwfl_end(dwfl);
  }
  // The address that libdwfl gave ELF section `index`.
  bool section_base(uint32_t index, GElf_Addr& base) const {
    int count = dwfl_module_relocations(module);
    for (int i = 0; i < count; i++) {
      GElf_Word section;
      GElf_Addr address = 0;
      if (!dwfl_module_relocation_info(module, static_cast<unsigned>(i), &section)) continue;
      if (section != index) continue;
      // The base is what relocating its own beginning yields; found through a symbol-free probe.
      Elf* elf = dwfl_module_getelf(module, &address);
      if (!elf) return false;
      GElf_Shdr header;
      if (!gelf_getshdr(elf_getscn(elf, index), &header)) return false;
      base = header.sh_addr + address;
      return true;
    }
    return false;
  }
};

SourceLines::SourceLines(OpenFile open_file) : open_file_(std::move(open_file)) {}
SourceLines::~SourceLines() = default;

SourceLines::Debug* SourceLines::open(const std::string& path) {
  auto [place, fresh] = opened_.try_emplace(path);
  if (!fresh) return place->second.get();
  auto debug = std::make_unique<Debug>();
  debug->dwfl = dwfl_begin(&kCallbacks);
  if (!debug->dwfl) return nullptr;
  dwfl_report_begin(debug->dwfl);
  // libdwfl closes the descriptor; -1 has it open the path.
  int fd = open_file_ ? open_file_(path) : -1;
  if (!open_file_ || fd >= 0)
    debug->module = dwfl_report_offline(debug->dwfl, "module", path.c_str(), fd);
  dwfl_report_end(debug->dwfl, nullptr, nullptr);
  if (debug->module) place->second = std::move(debug);
  return place->second.get();
}

std::string SourceLines::find(const module::Module& module, uint64_t address, bool full_path) {
  if (module.path.empty()) return "";
  std::lock_guard lock(mutex_);
  Debug* debug = open(module.path);
  if (!debug) return "";
  for (size_t i = 0; i < module.image->sections.size(); i++) {
    const link::PlacedSection& section = module.image->sections[i];
    if (!section.address || address < section.address.value ||
        address >= section.address.value + section.size)
      continue;
    GElf_Addr base;
    if (!debug->section_base(static_cast<uint32_t>(i), base)) return "";
    Dwfl_Line* line = dwfl_module_getsrc(debug->module, base + (address - section.address.value));
    if (!line) return "";
    int number = 0;
    const char* file = dwfl_lineinfo(line, nullptr, &number, nullptr, nullptr, nullptr);
    if (!file) return "";
    std::string name = file;
    if (!full_path) name = name.substr(name.rfind('/') + 1);
    return fmt::format("{}:{}", name, number);
  }
  return "";
}

}  // namespace ring3::debug
