// SPDX-License-Identifier: GPL-2.0-only
#include "names.h"

#include <strings.h>

#include <charconv>
#include <span>

namespace ring3::dmesg {
namespace {

std::optional<int> number(std::string_view text) {
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Upper and lower case are the same.
std::optional<size_t> find(std::span<const char* const> names, std::string_view text) {
  if (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    auto value = number(text);
    if (!value || static_cast<size_t>(*value) >= names.size()) return std::nullopt;
    return static_cast<size_t>(*value);
  }
  for (size_t i = 0; i < names.size(); i++)
    if (::strcasecmp(std::string(text).c_str(), names[i]) == 0) return i;
  return std::nullopt;
}

// Calls add(item) for each part between commas, until one is wrong.
template <class Add>
std::optional<std::string> for_each_item(std::string_view list, Add&& add) {
  for (size_t at = 0; at < list.size();) {
    size_t comma = std::min(list.find(',', at), list.size());
    std::string_view item = list.substr(at, comma - at);
    // A comma at the end has nothing behind it.
    if (comma + 1 == list.size()) item = list.substr(at);
    if (!add(item)) return std::string(item);
    at = comma + 1;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> add_levels(std::string_view list, std::bitset<8>& levels) {
  return for_each_item(list, [&](std::string_view item) {
    bool above = item.size() > 1 && item.ends_with('+');
    bool below = !above && item.size() > 1 && item.starts_with('+');
    std::string_view name = item;
    if (above) name.remove_suffix(1);
    if (below) name.remove_prefix(1);
    auto level = find(kLevels, name);
    if (!level) return false;
    for (size_t i = above ? 0 : *level; i <= (below ? kLevels.size() - 1 : *level); i++)
      levels.set(i);
    return true;
  });
}

std::optional<std::string> add_facilities(std::string_view list, std::bitset<32>& facilities) {
  return for_each_item(list, [&](std::string_view item) {
    auto facility = find(kFacilities, item);
    if (facility) facilities.set(*facility);
    return facility.has_value();
  });
}

std::optional<int> console_level(std::string_view text) {
  if (auto value = number(text)) {
    if (*value < 1 || *value > static_cast<int>(kLevels.size())) return std::nullopt;
    return value;
  }
  auto level = find(kLevels, text);
  if (!level) return std::nullopt;
  return static_cast<int>(*level) + 1;
}

}  // namespace ring3::dmesg
