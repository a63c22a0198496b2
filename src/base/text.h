// SPDX-License-Identifier: GPL-2.0-only
// Small text helpers that more than one layer needs: lines, fields and numbers of configuration
// files, without copies.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ring3 {

// Calls fn(line) for every line of `text`, without its newline.
template <class Fn>
void for_each_line(std::string_view text, Fn&& fn) {
  while (!text.empty()) {
    size_t end = text.find('\n');
    fn(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

// Takes the part of `rest` before `separator` and moves `rest` behind it.
inline std::string_view take_field(std::string_view& rest, char separator) {
  size_t end = rest.find(separator);
  std::string_view field = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return field;
}

// A whole number, decimal or with 0x; nothing if anything else stands in the text.
inline std::optional<uint64_t> parse_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    base = 16;
  }
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

}  // namespace ring3
