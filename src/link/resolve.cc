// SPDX-License-Identifier: GPL-2.0-only
// The final value of every symbol, in symbol table order (kernel/module/main.c simplify_symbols;
// CONTRACT 5.2 step 13). As in Linux all unresolved names are told before the module is refused,
// and the last error is the one returned.
#include <elf.h>
#include <fmt/format.h>

#include "link/linker.h"

namespace ring3::link {
namespace {

constexpr uint16_t kLivepatchSection = 0xff20;  // SHN_LIVEPATCH: klp fills these symbols later

// GNU as before 2.37 leaves this name behind without using it; Linux ignores it.
constexpr std::string_view kIgnored = "_GLOBAL_OFFSET_TABLE_";

}  // namespace

Result<void> Linker::resolve() {
  values_.resize(view_.symbols().size());
  Error last;
  for (const elf::Symbol& symbol : view_.symbols()) {
    if (symbol.index == 0) continue;
    auto value = value_of(symbol);
    if (value)
      values_[symbol.index] = *value;
    else
      last = value.take_error();
  }
  if (last.code) return last;

  // Names that outlive the file.
  if (view_.strtab()) image_.strings.assign(as_text(view_.strtab()->bytes));
  for (const elf::Symbol& symbol : view_.symbols()) {
    PlacedSymbol& placed = image_.symbols[symbol.index];
    placed.value = values_[symbol.index];
    if (!symbol.name.empty())
      placed.name = {
          image_.strings.data() + (symbol.name.data() - as_text(view_.strtab()->bytes).data()),
          symbol.name.size()};
  }
  return {};
}

Result<uint64_t> Linker::value_of(const elf::Symbol& symbol) {
  switch (symbol.section) {
    case SHN_UNDEF:
      return undefined(symbol);
    case SHN_ABS:
    case kLivepatchSection:
      return symbol.value;
    case SHN_COMMON: {
      if (symbol.name.starts_with("__gnu_lto")) return symbol.value;
      std::string line = fmt::format("{}: please compile with -fno-common", image_.name);
      log_.warning(line);
      return Error{ENOEXEC, std::move(line)};
    }
  }
  size_t count = view_.sections().size();
  if (symbol.section >= count) {
    std::string line = fmt::format("{}: Symbol {} has an invalid section index {} (max {})",
                                   image_.name, symbol.name, symbol.section, count - 1);
    log_.error(line);
    return Error{ENOEXEC, std::move(line)};
  }
  if (percpu_ && symbol.section == percpu_->index) return image_.percpu_offset + symbol.value;
  return image_.sections[symbol.section].address.value + symbol.value;
}

Result<uint64_t> Linker::undefined(const elf::Symbol& symbol) {
  if (symbol.name == kIgnored) return uint64_t{0};
  auto found = resolver_.resolve(symbol.name, symbol.bind() == STB_WEAK);
  if (found) return found->value;
  Error error = found.take_error();
  if (error.text.empty())
    error.text = fmt::format("Unknown symbol {} (err -{})", symbol.name, error.code);
  error.text = fmt::format("{}: {}", image_.name, error.text);
  log_.warning(error.text);
  return error;
}

}  // namespace ring3::link
