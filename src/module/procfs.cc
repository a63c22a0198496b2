// SPDX-License-Identifier: GPL-2.0-only
// /proc/modules and /proc/kallsyms.
#include <fmt/format.h>

#include "module/files.h"

namespace ring3::module {
namespace {

constexpr const char* kStates[] = {"Live", "Loading", "Unloading", "Unformed"};  // by State

// "NAME SIZE REFCNT DEPS STATE 0xADDR[ (TAINTS)]", newest first.
std::string modules_text(Loader& loader) {
  std::string text;
  loader.registry().for_each([&](Module& module) {
    State state = module.state();
    if (state == State::kUnformed) return;
    std::string users;
    for (Module* user : module.used_by) users += user->name + ",";
    if (module.has_init && !module_exit(module.kernel)) users += "[permanent],";
    std::string letters = module_taint_letters(module.taints);
    if (state == State::kComing) letters += '+';
    if (state == State::kGoing) letters += '-';
    text += fmt::format("{} {} {} {} {} 0x{:016x}{}\n", module.name,
                        module.core_size() + module.init_size(), module.references.load(),
                        users.empty() ? "-" : users, kStates[static_cast<unsigned>(state)],
                        module.image->regions[0].base.value,
                        letters.empty() ? "" : " (" + letters + ")");
  });
  return text;
}

// The letter is a capital where the module exports the symbol to everybody.
char kallsyms_letter(const Module& module, const link::PlacedSymbol& symbol) {
  for (const ModuleExport& exported : module.exports)
    if (!exported.gpl_only && exported.address == symbol.value && exported.name == symbol.name)
      return static_cast<char>(std::toupper(symbol.type));
  return symbol.type;
}

// "ADDRESS LETTER NAME\t[MODULE]". First what the kernel API has, then each module's symbols: all
// of its table while it is coming, later those that are not in init memory.
std::string kallsyms_text(Loader& loader) {
  std::string text;
  loader.services().binding->for_each_placed(
      [&](uint64_t address, std::string_view name, bool function) {
        text += fmt::format("{:016x} {} {}\n", address, function ? 'T' : 'D', name);
      });
  loader.registry().for_each([&](Module& module) {
    if (module.state() == State::kUnformed) return;
    for (const link::PlacedSymbol& symbol : module.image->symbols) {
      if (module.image->init_freed && !symbol.core) continue;
      if (symbol.name.empty()) continue;
      text += fmt::format("{:016x} {} {}\t[{}]\n", symbol.value, kallsyms_letter(module, symbol),
                          symbol.name, module.name);
    }
  });
  return text;
}

}  // namespace

void add_proc_files(machine::FileTree& tree, Loader& loader) {
  auto add = [&](const char* name, std::string (*text)(Loader&)) {
    auto read = [&loader, text]() -> Result<std::string> { return text(loader); };
    (void)tree.add("/proc", machine::make_file(name, 0444, {.read = read, .refusal = EIO}));
  };
  add("modules", &modules_text);
  add("kallsyms", &kallsyms_text);
}

}  // namespace ring3::module
