// SPDX-License-Identifier: GPL-2.0-only
// The list of patches, in Linux's order (arch/x86/kernel/module.c module_finalize, then what the
// notifiers of COMING do: ftrace, jump labels, static calls). None is needed to run.
//
// Sections that Linux reads here and we have no use for: .smp_locks (a machine that goes down to
// one CPU drops lock prefixes), .call_sites (call depth tracking), .ibt_endbr_seal and .cfi_sites
// (indirect branch tracking: an endbr64 does nothing without it), .orc_unwind* (src/debug).
#include <fmt/format.h>

#include "link/linker.h"
#include "link/x86_64/patcher.h"

namespace ring3::link {

Result<void> Linker::patch() {
  if (!options_.patch) return {};
  x86_64::Patcher patcher(view_, options_, resolver_, log_, image_, values_);
  TRY(patcher.parainstructions());
  TRY(patcher.retpoline_sites());
  TRY(patcher.return_sites());
  TRY(patcher.altinstructions());
  TRY(patcher.fentry_sites());
  TRY(patcher.jump_table());
  TRY(patcher.static_call_sites());
  return {};
}

}  // namespace ring3::link

namespace ring3::link::x86_64 {

Result<Table> Patcher::table(std::string_view name, size_t entry_size) const {
  Table table{name, image_.section(name), entry_size};
  if (table.bytes.size() % entry_size)
    return Error{ENOEXEC, fmt::format("{}: section {} has {} bytes, which is no multiple of its "
                                      "entries' {}; the file is damaged",
                                      image_.name, name, table.bytes.size(), entry_size)};
  return table;
}

Result<std::span<uint8_t>> Patcher::text(const Table& table, size_t entry, uint64_t address,
                                         uint64_t length) const {
  for (Region region : {Region::kText, Region::kInitText}) {
    const RegionMemory& memory = image_.regions[static_cast<size_t>(region)];
    uint64_t offset = address - memory.base.value;
    if (offset >= memory.size) continue;
    if (length > memory.size - offset) break;
    return std::span<uint8_t>(reinterpret_cast<uint8_t*>(address), memory.size - offset);
  }
  return damaged(table, entry,
                 fmt::format("{:#x}+{} is not in the module's text", address, length));
}

bool Patcher::readable(uint64_t address, uint64_t size) const {
  for (const RegionMemory& memory : image_.regions) {
    uint64_t offset = address - memory.base.value;
    if (offset < memory.size && size <= memory.size - offset) return true;
  }
  return resolver_.readable({address}, size);
}

Error Patcher::damaged(const Table& table, size_t entry, std::string_view what) const {
  return Error{ENOEXEC, fmt::format("{}: section {} entry {}: {}; the file is damaged", image_.name,
                                    table.name, entry, what)};
}

void Patcher::leave(const Table& table, size_t entry, uint64_t address,
                    std::string_view what) const {
  log_.warning(fmt::format("{}: section {} entry {}: {:#x} {}: left as it is", image_.name,
                           table.name, entry, address, what));
}

}  // namespace ring3::link::x86_64
