// SPDX-License-Identifier: GPL-2.0-only
// Parsing is getopt_long's: abbreviations, permutation and the texts of its complaints are what
// everybody knows from kmod.
#include "options.h"

#include <fmt/format.h>
#include <getopt.h>

#include <cstdio>

#include "messages.h"

namespace ring3::kmod {
namespace {

constexpr int kFirstLong = 1000;  // ids of getopt: this plus the index of the row

std::string spelling(const Option& option) {
  std::string text = option.id < 256 ? fmt::format("-{}", static_cast<char>(option.id)) : "   ";
  if (option.name) text += fmt::format("{} --{}", option.id < 256 ? "," : "", option.name);
  if (is_optional(option))
    text += fmt::format("[={}", option.argument + 1);
  else if (option.argument)
    text += fmt::format("{}{}", option.name ? "=" : " ", option.argument);
  return text;
}

}  // namespace

int parse_options(const Tool& tool, int argc, char** argv,
                  const std::function<bool(int id, const char* argument)>& seen) {
  std::string letters;
  std::vector<option> names;
  for (size_t i = 0; i < tool.options.size(); i++) {
    const Option& row = tool.options[i];
    if (row.id < 256) {
      letters += static_cast<char>(row.id);
      if (row.argument) letters += is_optional(row) ? "::" : ":";
    }
    if (row.name)
      names.push_back({row.name,
                       is_optional(row) ? optional_argument
                       : row.argument   ? required_argument
                                        : no_argument,
                       nullptr, kFirstLong + static_cast<int>(i)});
  }
  names.push_back({});
  optind = 0;  // a tool may run inside another program
  while (true) {
    int id = getopt_long(argc, argv, letters.c_str(), names.data(), nullptr);
    if (id == -1) return optind;
    if (id == '?') return -1;
    if (id >= kFirstLong) {
      const Option& row = tool.options[static_cast<size_t>(id - kFirstLong)];
      if (row.deprecated_for)
        messages().warning(fmt::format("--{} is deprecated and scheduled for removal; use --{}",
                                       row.name, row.deprecated_for));
      id = row.id;
    }
    if (!seen(id, optarg)) return -1;
  }
}

std::string help_text(const Tool& tool) {
  constexpr size_t kColumn = 32;
  std::string text;
  const char* lead = "Usage:";
  for (const char* usage : tool.usage) {
    text += fmt::format("{} {} {}\n", lead, tool.name, usage);
    lead = "      ";
  }
  std::string line;
  for (const Option& row : tool.options) {
    if (!row.help) continue;
    line += "  " + spelling(row);
    if (!*row.help) continue;
    if (line.size() + 1 > kColumn)
      text += fmt::format("{}  {}\n", line, row.help);
    else
      text += fmt::format("{:<{}}{}\n", line, kColumn, row.help);
    line.clear();
  }
  return text;
}

void print_help(const Tool& tool) { std::fputs(help_text(tool).c_str(), stdout); }

void print_version() {
  std::puts("kmod version 34");
  std::puts("+ZSTD +XZ +ZLIB +LIBCRYPTO (ring3)");
}

}  // namespace ring3::kmod
