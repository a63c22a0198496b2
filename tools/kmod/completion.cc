// SPDX-License-Identifier: GPL-2.0-only
// Completion for three shells. Names of modules come from modules.dep of the running kernel, names
// of loaded ones from lsmod, both at the moment of completing.
#include <fmt/format.h>

#include "generate.h"
#include "tools.h"

namespace ring3::kmod {
namespace {

constexpr const char* kHead =
    "SPDX-License-Identifier: GPL-2.0-only\n# Written by `kmod --completion`; do not edit.\n";

// A shell command that prints the names, and whether files are operands too.
struct Source {
  const char* command;
  bool files;
};
Source source(Operands operands) {
  constexpr const char* kAll =
      "sed -n 's,^\\([^:]*/\\)\\{0\\,1\\}\\([^:/]*\\)\\.ko[.a-z]*:.*,\\2,p' "
      "\"/lib/modules/$(uname -r)/modules.dep\" 2>/dev/null";
  constexpr const char* kLoaded = "lsmod 2>/dev/null | sed -n '2,$s/ .*//p'";
  switch (operands) {
    case Operands::kModules:
      return {kAll, false};
    case Operands::kModulesAndFiles:
      return {kAll, true};
    case Operands::kLoaded:
      return {kLoaded, false};
    case Operands::kFiles:
      return {"", true};
    case Operands::kNone:
      break;
  }
  return {"", false};
}

bool is_path(std::string_view argument) { return argument == "FILE" || argument == "DIR"; }

// In single quotes for a shell.
std::string quoted(std::string_view text) {
  std::string result = "'";
  for (char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

// The text that describes a row: its own, or that of the next row that has one.
std::string_view description(std::span<const Option> options, size_t i) {
  while (i < options.size() && options[i].help && !*options[i].help) i++;
  return i < options.size() && options[i].help ? options[i].help : "";
}

}  // namespace

std::string bash_completion() {
  std::string text = fmt::format("# {}", kHead);
  for (const Tool* tool : tools()) {
    if (tool == &kStaticNodes) continue;
    std::string words, paths;
    for (const Option& option : tool->options) {
      if (!option.help) continue;
      for (const std::string& form : {option.id < 256 ? fmt::format("-{}", char(option.id)) : "",
                                      option.name ? fmt::format("--{}", option.name) : ""}) {
        if (form.empty()) continue;
        words += " " + form;
        if (option.argument && is_path(option.argument)) paths += (paths.empty() ? "" : "|") + form;
      }
    }
    Source from = source(tool->operands);
    text +=
        fmt::format("\n_ring3_{0}() {{\n  local word=${{COMP_WORDS[COMP_CWORD]}}\n", tool->name);
    if (!paths.empty())
      text += fmt::format(
          "  case ${{COMP_WORDS[COMP_CWORD - 1]}} in\n    {})\n"
          "      mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n      return\n      ;;\n  "
          "esac\n",
          paths);
    text += fmt::format(
        "  if [[ $word = -* ]]; then\n"
        "    mapfile -t COMPREPLY < <(compgen -W {} -- \"$word\")\n    return\n  fi\n",
        quoted(words.substr(1)));
    text += "  COMPREPLY=()\n";
    if (*from.command)
      text += fmt::format("  mapfile -t COMPREPLY < <(compgen -W \"$({})\" -- \"$word\")\n",
                          from.command);
    if (from.files)
      text += "  mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- \"$word\")\n";
    text += fmt::format("}}\ncomplete -F _ring3_{0} {0}\n", tool->name);
  }
  return text;
}

std::string zsh_completion() {
  std::string names;
  for (const Tool* tool : tools())
    if (tool != &kStaticNodes) names += std::string(" ") + tool->name;
  std::string text = fmt::format("#compdef{}\n# {}\ncase $service in\n", names, kHead);
  for (const Tool* tool : tools()) {
    if (tool == &kStaticNodes) continue;
    text += fmt::format("  {})\n    _arguments -S", tool->name);
    for (size_t i = 0; i < tool->options.size(); i++) {
      const Option& option = tool->options[i];
      if (!option.help) continue;
      std::string about;
      for (char c : description(tool->options, i))
        about += c == '[' || c == ']' || c == ':' ? fmt::format("\\{}", c) : std::string(1, c);
      std::string value;
      if (is_optional(option))
        value = fmt::format("::{}:", option.argument);
      else if (option.argument)
        value = fmt::format(":{}:{}", option.argument, is_path(option.argument) ? "_files" : "");
      if (option.id < 256)
        text += fmt::format(" \\\n      {}",
                            quoted(fmt::format("*-{}[{}]{}", char(option.id), about, value)));
      if (option.name)
        text += fmt::format(" \\\n      {}", quoted(fmt::format("*--{}{}[{}]{}", option.name,
                                                                is_optional(option) ? "=-"
                                                                : option.argument   ? "="
                                                                                    : "",
                                                                about, value)));
    }
    Source from = source(tool->operands);
    if (*from.command)
      text += fmt::format(" \\\n      {}",
                          quoted(fmt::format("*:module:{{compadd -- ${{(f)\"$({})\"}}{}}}",
                                             from.command, from.files ? "; _files" : "")));
    else if (from.files)
      text += " \\\n      '*:file:_files'";
    text += "\n    ;;\n";
  }
  return text + "esac\n";
}

// fish knows two escapes between single quotes, and the other shells' way only outside of them.
static std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\\' || c == '\'') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_completion() {
  std::string text = fmt::format("# {}", kHead);
  for (const Tool* tool : tools()) {
    if (tool == &kStaticNodes) continue;
    Source from = source(tool->operands);
    text += "\n";
    if (!from.files) text += fmt::format("complete -c {} -f\n", tool->name);
    for (size_t i = 0; i < tool->options.size(); i++) {
      const Option& option = tool->options[i];
      if (!option.help) continue;
      text += fmt::format("complete -c {}", tool->name);
      if (option.id < 256) text += fmt::format(" -s {}", char(option.id));
      if (option.name) text += fmt::format(" -l {}", option.name);
      if (option.argument && !is_optional(option))
        text += is_path(option.argument) ? " -r -F" : " -x";
      text += fmt::format(" -d {}\n", fish_quoted(description(tool->options, i)));
    }
    if (*from.command)
      text += fmt::format("complete -c {} -a {}\n", tool->name,
                          fish_quoted(fmt::format("(sh -c {})", fish_quoted(from.command))));
  }
  return text;
}

}  // namespace ring3::kmod
