// SPDX-License-Identifier: GPL-2.0-only
#include "linux/init/command_line.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstdlib>
#include <string>

#include "base/text.h"

namespace ring3::kernel {
namespace {

void add_names(std::vector<std::string>& list, std::string_view names) {
  while (!names.empty()) list.emplace_back(take_field(names, ','));
}

bool is_on(std::string_view value) {
  return value.empty() || value == "1" || value == "y" || value == "Y" || value == "on";
}

struct Row {
  std::string_view name;
  void (*take)(module::LoaderOptions& loader, std::string_view value);
};
constexpr Row kRows[] = {
    {"nomodule", [](auto& loader, std::string_view) { loader.modules_disabled = true; }},
    {"module_blacklist", [](auto& loader, std::string_view v) { add_names(loader.blacklist, v); }},
    {"initcall_blacklist",
     [](auto& loader, std::string_view v) { add_names(loader.initcall_blacklist, v); }},
    {"module.sig_enforce", [](auto& loader, std::string_view v) { loader.sig_enforce = is_on(v); }},
    {"lockdown",
     [](auto& loader, std::string_view v) {
       loader.locked_down = v == "integrity" || v == "confidentiality";
     }},
};

}  // namespace

// As Linux has it: a power of two, and only more than there would be without.
size_t log_size(std::string_view text, size_t size) {
  constexpr size_t kMost = size_t{1} << 31;
  while (!text.empty()) {
    std::string_view word = take_field(text, ' ');
    if (take_field(word, '=') != "log_buf_len") continue;
    std::string digits(word);
    char* end = nullptr;
    uint64_t wanted = std::strtoull(digits.c_str(), &end, 0);
    constexpr std::string_view kSuffixes = "KMG";
    size_t suffix = *end ? kSuffixes.find(static_cast<char>(std::toupper(*end))) : kSuffixes.npos;
    if (suffix != kSuffixes.npos) wanted = wanted > kMost ? wanted : wanted << 10 * (suffix + 1);
    if (wanted <= kMost) size = std::max<size_t>(size, std::bit_ceil(wanted));
  }
  return size;
}

void take_command_line(std::string_view text, module::LoaderOptions& loader) {
  while (!text.empty()) {
    std::string_view word = take_field(text, ' ');
    std::string_view name = take_field(word, '=');
    for (const Row& row : kRows)
      if (row.name == name) row.take(loader, word);
  }
}

}  // namespace ring3::kernel
