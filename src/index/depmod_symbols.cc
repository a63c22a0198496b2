// SPDX-License-Identifier: GPL-2.0-only
#include "index/depmod_symbols.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/text.h"
#include "host/file.h"
#include "index/depmod_order.h"

namespace ring3::index {
namespace {

constexpr std::string_view kExportMark = "__ksymtab_";

Result<std::vector<std::byte>> load(const std::string& file) {
  auto text = host::read_file(file);
  if (!text)
    return Error{text.error().code,
                 fmt::format("could not load {}: {}", file, std::strerror(text.error().code))};
  return text;
}

std::string_view next_word(std::string_view& line) {
  size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
  line.remove_prefix(begin);
  size_t end = std::min(line.find_first_of(" \t"), line.size());
  std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

}  // namespace

std::string_view Symbols::without_prefix(std::string_view name) const {
  if (prefix_ && name.starts_with(prefix_)) name.remove_prefix(1);
  return name;
}

void Symbols::add(std::string_view name, Symbol symbol) {
  uint32_t number = names_.add(name);
  if (number == symbols_.size())
    symbols_.push_back(symbol);
  else
    symbols_[number] = symbol;
}

// What modules need and nobody exports: each has it itself, or gets it from its loader.
void Symbols::add_fakes() {
  add("__this_module", {});
  add("TOC.", {});  // 64-bit POWER
}

Result<void> Symbols::add_symvers(const std::string& file, DepmodLog& log) {
  std::vector<std::byte> text = TRY(load(file));
  unsigned number = 0;
  for_each_line(as_text(text), [&](std::string_view line) {
    number++;
    std::string_view crc = next_word(line), name = next_word(line), where = next_word(line);
    if (where != "vmlinux") return;
    auto value = parse_number(crc.starts_with("0x") ? crc : fmt::format("0x{}", crc));
    if (value)
      add(without_prefix(name), {kKernel, *value});
    else
      log.error(fmt::format("{}:{} Invalid symbol version {}", file, number, crc));
  });
  add_fakes();
  return {};
}

Result<void> Symbols::add_system_map(const std::string& file, DepmodLog& log) {
  std::vector<std::byte> text = TRY(load(file));
  unsigned number = 0;
  for_each_line(as_text(text), [&](std::string_view line) {
    number++;
    std::string_view rest = line;
    next_word(rest);
    next_word(rest);
    std::string_view name = next_word(rest);
    if (name.empty()) return log.error(fmt::format("{}:{}: invalid line: {}", file, number, line));
    name = without_prefix(name);
    if (name.starts_with(kExportMark)) add(name.substr(kExportMark.size()), {});
  });
  add_fakes();
  return {};
}

void Symbols::add_modules(const Contents& contents) {
  for (uint32_t i = 0; i < contents.modules().size(); i++) {
    const Contents::Module& module = contents.modules()[i];
    const Shelf& shelf = contents.shelf(module.shelf);
    for (uint32_t at = module.exports.begin; at < module.exports.end; at++)
      add(without_prefix(shelf.names.name(shelf.exports[at])),
          {i, contents.has_crcs() ? shelf.export_crcs[at] : 0});
  }
}

uint32_t Symbols::find(std::string_view name) const {
  if (name.starts_with('.')) name.remove_prefix(1);  // 64-bit POWER: .foo is the code of foo
  return names_.find(without_prefix(name));
}

std::vector<uint32_t> Symbols::in_order() const {
  std::vector<std::pair<HashOrder, uint32_t>> order;
  order.reserve(symbols_.size());
  for (uint32_t i = 0; i < symbols_.size(); i++)
    if (symbols_[i].owner != kKernel) order.emplace_back(HashOrder(name(i), kSymbolBuckets), i);
  std::sort(order.begin(), order.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<uint32_t> numbers;
  numbers.reserve(order.size());
  for (const auto& [hash, number] : order) numbers.push_back(number);
  return numbers;
}

}  // namespace ring3::index
