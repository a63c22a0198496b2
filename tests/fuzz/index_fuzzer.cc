// SPDX-License-Identifier: GPL-2.0-only
// What depmod and modprobe read: the bytes once as a binary index, once as a module. Everything
// that an answer points to is touched. An index that can be walked is built again and walked again,
// with the same keys. Seeds: tests/corpus/elf, and any modules.*.bin.
#include <cstdlib>
#include <string>
#include <vector>

#include "index/binary_index.h"
#include "index/module_file.h"

namespace {

using namespace ring3;
using namespace ring3::index;

#define PROMISED(condition)         \
  do {                              \
    if (!(condition)) std::abort(); \
  } while (0)

volatile uint64_t sink;

void touch(std::string_view text) {
  uint64_t sum = 0;
  for (char c : text) sum += static_cast<unsigned char>(c);
  sink = sink + sum;
}

std::vector<std::pair<std::string, std::string>> walk(const BinaryIndex& index, bool& whole) {
  std::vector<std::pair<std::string, std::string>> seen;
  whole = index
              .for_each([&](std::string_view key, const IndexValue& value) {
                touch(value.text);
                if (seen.size() < 1000) seen.emplace_back(key, value.text);
              })
              .ok();
  return seen;
}

void use_index(Bytes bytes) {
  auto index = BinaryIndex::parse(bytes, "input");
  if (!index) return;
  for (std::string_view key : {"", "a", "usb:v1p2", "pci:*", "symbol:kfree"}) {
    if (auto found = index->find(key))
      for (const IndexValue& value : *found) touch(value.text);
    if (auto found = index->match(key))
      for (const IndexValue& value : *found) touch(value.text);
  }
  bool whole = false;
  auto seen = walk(*index, whole);
  std::vector<IndexEntry> entries;
  for (const auto& [key, value] : seen) entries.push_back({key, value, 0});
  auto built = build_binary_index(entries);
  if (!built) return;
  auto again = BinaryIndex::parse(as_bytes(*built), "built");
  PROMISED(again.ok());
  bool whole_again = false;
  PROMISED(walk(*again, whole_again).size() == seen.size() && whole_again);
}

void use_module(Bytes bytes) {
  ModuleFile file;
  auto opened = file.open_bytes(bytes);
  if (!opened) {
    PROMISED(!opened.error().text.empty());
    return;
  }
  if (auto entries = file.modinfo())
    for (std::string_view entry : *entries) touch(entry);
  if (auto section = file.section(".modinfo")) touch(as_text(*section));
  for (bool crcs : {false, true}) {
    if (auto exports = file.exports(crcs))
      for (const auto& symbol : *exports) touch(symbol.name);
    if (auto imports = file.imports(crcs))
      for (const auto& symbol : *imports) touch(symbol.name);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Bytes in memory of their own size: one byte read too much is seen by asan.
  std::vector<std::byte> input(reinterpret_cast<const std::byte*>(data),
                               reinterpret_cast<const std::byte*>(data) + size);
  use_index(input);
  use_module(input);
  return 0;
}
