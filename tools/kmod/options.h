// SPDX-License-Identifier: GPL-2.0-only
// The table of a tool's options. Parsing, --help, the man page and the completions of three shells
// are all made from it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace ring3::kmod {

struct Option {
  int id;            // its letter, or a number above 255 for one without a letter
  const char* name;  // the long name; null: it has none
  // What it takes, "FILE"; "[WHEN]": may be left out. Null: nothing.
  const char* argument;
  // One line. Null: not shown. Empty: shown on one line with the option after it.
  const char* help;
  const char* deprecated_for = nullptr;  // the name to use instead, when this one is going away
};

// What can stand behind the options, for completion.
enum class Operands { kNone, kModules, kLoaded, kFiles, kModulesAndFiles };

struct Tool {
  const char* name;
  const char* summary;             // a few words
  std::vector<const char*> usage;  // without the program's name
  std::span<const Option> options;
  const char* description;  // of the man page: paragraphs separated by an empty line
  Operands operands;
  int (*run)(int argc, char** argv);
  int section = 8;  // of the man page
};

inline bool is_optional(const Option& option) {
  return option.argument && option.argument[0] == '[';
}

// Calls `seen` for each option that stands in argv, in order. Returns the index of the first
// operand, or -1 when an option was wrong (getopt has said so then). Prints what is deprecated.
int parse_options(const Tool& tool, int argc, char** argv,
                  const std::function<bool(int id, const char* argument)>& seen);

std::string help_text(const Tool& tool);
void print_help(const Tool& tool);
void print_version();

}  // namespace ring3::kmod
