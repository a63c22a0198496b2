// SPDX-License-Identifier: GPL-2.0-only
// The kernel's command line as configuration. A word counts when it is MODULE.PARAMETER or
// MODULE.PARAMETER=VALUE; quotes may stand around the value, or, as boot loaders write it, around
// the whole word, and then move to the value. A word with a quote elsewhere, a blank inside quotes
// before the '=', or a second dot before it, is somebody else's and is left alone.
#include <fmt/format.h>

#include "base/text.h"
#include "index/config.h"
#include "index/module_names.h"

namespace ring3::index {
namespace {

constexpr std::string_view kSpaces = " \t\n\v\f\r";

// Takes the next word: up to a blank that is not inside quotes.
std::string_view take_word(std::string_view& rest) {
  size_t begin = rest.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) {
    rest = {};
    return {};
  }
  rest.remove_prefix(begin);
  bool quoted = false;
  size_t end = 0;
  for (; end < rest.size(); end++) {
    if (rest[end] == '"') quoted = !quoted;
    if (!quoted && kSpaces.find(rest[end]) != std::string_view::npos) break;
  }
  std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end);
  // Quotes that nobody closed: the kernel's own words end at a blank then, and no value is known.
  return quoted ? std::string_view("\"") : word;
}

struct Setting {
  std::string module, parameter;  // "parameter=value" or "parameter"
  std::string_view value;
};

std::optional<Setting> split(std::string_view word) {
  bool whole = word.front() == '"';
  if (whole) word.remove_prefix(1);
  size_t equal = word.find('=');
  std::string_view name = word.substr(0, equal);
  size_t dot = name.find('.');
  if (dot == std::string_view::npos || name.find('.', dot + 1) != std::string_view::npos)
    return std::nullopt;
  if (name.find_first_of("\" \t\n\v\f\r") != std::string_view::npos) return std::nullopt;
  Setting setting{std::string(name.substr(0, dot)), std::string(name.substr(dot + 1)), {}};
  if (equal == std::string_view::npos) return setting;
  setting.value = word.substr(equal + 1);
  setting.parameter += whole ? "=\"" : "=";
  setting.parameter += setting.value;
  return setting;
}

}  // namespace

void parse_command_line(Config& config, std::string_view text, std::string_view file,
                        Diagnostics& diagnostics) {
  config.files.emplace_back(file);
  Origin origin{static_cast<uint32_t>(config.files.size() - 1), 1};
  text = text.substr(0, text.find('\0'));
  while (true) {
    std::string_view word = take_word(text);
    if (word.empty()) return;
    auto setting = split(word);
    if (!setting) continue;
    if (setting->module == "modprobe" && setting->parameter.starts_with("blacklist=")) {
      std::string_view names = setting->value;
      while (!names.empty())
        config.blacklist.push_back({std::string(take_field(names, ',')), origin});
      continue;
    }
    if (auto module = normalized_alias(setting->module))
      config.options.push_back({std::move(*module), std::move(setting->parameter), origin});
    else
      diagnostics.warning(
          fmt::format("Ignoring bad option on kernel command line while parsing module name: '{}'",
                      setting->module));
  }
}

}  // namespace ring3::index
