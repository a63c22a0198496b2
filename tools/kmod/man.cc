// SPDX-License-Identifier: GPL-2.0-only
// Man pages, and the command that prints what this file and completion.cc make.
#include <fmt/format.h>

#include <cstdio>

#include "generate.h"
#include "messages.h"
#include "tools.h"

namespace ring3::kmod {
namespace {

// Dashes that are to be copied stay dashes, and no text becomes a request.
std::string roff(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else
      result += c;
  }
  if (result.starts_with('.') || result.starts_with('\'')) result.insert(0, "\\&");
  return result;
}

std::string spelling(const Option& option) {
  std::string text;
  if (option.id < 256) text += fmt::format("\\fB\\-{}\\fR", static_cast<char>(option.id));
  if (option.name)
    text += fmt::format("{}\\fB\\-\\-{}\\fR", text.empty() ? "" : ", ", roff(option.name));
  if (is_optional(option))
    text += fmt::format("[=\\fI{}\\fR", std::string_view(option.argument + 1));
  else if (option.argument)
    text += fmt::format("{}\\fI{}\\fR", option.name ? "=" : " ", option.argument);
  return text;
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c -= 'a' - 'A';
  return result;
}

// kernel.h has the rule.
constexpr const char* kWhichKernel =
    ".SH KERNEL\n.PP\n"
    "\\fB\\-\\-host\\fR works on the running kernel, \\fB\\-\\-machine\\fR \\fINAME\\fR on the "
    "Ring 3 "
    "machine of that name, which is started when there is none; the variable "
    "\\fBRING3_MACHINE\\fR names one as well. Without any of these, root works on the running "
    "kernel, and everybody else, as well as \\fBring3\\fR \\fITOOL\\fR, on the machine "
    "\\fBdefault\\fR.\n";

}  // namespace

std::string man_page(const Tool& tool) {
  std::string name = &tool == &kStaticNodes ? "kmod-static-nodes" : tool.name;
  std::string text = fmt::format(
      ".\\\" SPDX-License-Identifier: GPL-2.0-only\n"
      ".\\\" Written by `kmod --man {0}`; do not edit.\n"
      ".TH {1} {4} \"\" \"Ring 3\" \"{5}\"\n.SH NAME\n{2} \\- {3}\n.SH SYNOPSIS\n",
      tool.name, upper(name), roff(name), roff(tool.summary), tool.section,
      tool.section == 8 ? "System administration" : "User commands");
  const char* command = &tool == &kStaticNodes ? "kmod static\\-nodes" : tool.name;
  for (const char* usage : tool.usage)
    text += fmt::format(".PP\n\\fB{}\\fR {}\n", command, roff(usage));
  text += ".SH DESCRIPTION\n";
  std::string_view rest = tool.description;
  while (!rest.empty()) {
    size_t end = rest.find("\n\n");
    text += fmt::format(".PP\n{}\n", roff(rest.substr(0, end)));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
  }
  text += ".SH OPTIONS\n";
  std::string names;
  for (const Option& option : tool.options) {
    if (!option.help) continue;
    names += (names.empty() ? "" : ", ") + spelling(option);
    if (!*option.help) continue;
    text += fmt::format(".TP\n{}\n{}\n", names, roff(option.help));
    names.clear();
  }
  text += kWhichKernel;
  text += ".SH SEE ALSO\n";
  std::string others;
  for (const Tool* other : tools())
    if (other != &tool && other != &kStaticNodes)
      others +=
          fmt::format("{}\\fB{}\\fR({})", others.empty() ? "" : ", ", other->name, other->section);
  return text + others + "\n";
}

int generate(int argc, char** argv) {
  std::string_view what = argv[0], which = argc > 1 ? argv[1] : "";
  std::string text;
  if (what == "--man") {
    if (const Tool* tool = find_tool(which)) text = man_page(*tool);
  } else if (which == "bash") {
    text = bash_completion();
  } else if (which == "zsh") {
    text = zsh_completion();
  } else if (which == "fish") {
    text = fish_completion();
  }
  if (text.empty()) {
    fmt::print(stderr, "usage: kmod --completion bash|zsh|fish, or kmod --man TOOL\n");
    return 1;
  }
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace ring3::kmod
