// SPDX-License-Identifier: GPL-2.0-only
// The two tables that a module tells about itself: .modinfo ("tag=value" strings, padded with NULs)
// and __versions (the CRC of every symbol it was compiled against). Linux reads both unchecked; a
// last string without its NUL ends here with the section.
#include "elf/view.h"

namespace ring3::elf {

void View::read_modinfo() {
  const Section* section = find_alloc(".modinfo");
  if (!section) return;
  std::string_view rest = as_text(section->bytes);
  while (!rest.empty()) {
    size_t end = rest.find('\0');
    std::string_view entry = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    size_t equals = entry.find('=');
    if (equals != std::string_view::npos)
      modinfo_.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
  }
}

// struct modversion_info. Linux takes as many as fit whole.
void View::read_versions() {
  constexpr size_t kEntry = 64, kName = 8;
  const Section* section = find_alloc("__versions");
  if (!section) return;
  versions_.reserve(section->bytes.size() / kEntry);
  for (size_t at = 0; section->bytes.size() - at >= kEntry; at += kEntry) {
    std::string_view name = as_text(section->bytes.subspan(at + kName, kEntry - kName));
    versions_.push_back({*read_at<uint64_t>(section->bytes, at), name.substr(0, name.find('\0'))});
  }
}

std::optional<std::string_view> View::modinfo(std::string_view tag) const {
  for (const auto& [key, value] : modinfo_)
    if (key == tag) return value;
  return std::nullopt;
}

std::vector<std::string_view> View::modinfo_all(std::string_view tag) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : modinfo_)
    if (key == tag) values.push_back(value);
  return values;
}

}  // namespace ring3::elf
