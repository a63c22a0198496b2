// SPDX-License-Identifier: GPL-2.0-only
// The command kmod: which tool is meant, by the name that the program was called by or by the first
// word, and its own help.
#include "tools.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "generate.h"
#include "kernel.h"
#include "messages.h"

namespace ring3::kmod {
namespace {

std::string_view last_part(std::string_view path) {
  size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

void print_kmod_help() {
  std::string text =
      "kmod - list modules, insert them into the kernel and remove them\n"
      "Usage: kmod [OPTION] COMMAND [ARGUMENT...]\n"
      "  -V, --version                 \n"
      "  -h, --help                    print this\n\n"
      "Commands; each can be called by its name as well, through a link to kmod\n";
  for (const Tool* tool : tools()) text += fmt::format("  {:<12}  {}\n", tool->name, tool->summary);
  if (depmod_main) text += "  depmod        write the indexes that modprobe reads\n";
  text += "  list          as lsmod\n  help          print this\n";
  std::fputs(text.c_str(), stdout);
}

int run_kmod(int argc, char** argv) {
  std::string_view word = argc > 1 ? argv[1] : "";
  if (word == "-V" || word == "--version") {
    print_version();
    return 0;
  }
  if (word == "-h" || word == "--help" || word == "help") {
    print_kmod_help();
    return 0;
  }
  if (word == "--completion" || word == "--man") return generate(argc - 1, argv + 1);
  if (word.empty()) {
    fmt::print(stderr, "missing command\n");
    print_kmod_help();
    return 1;
  }
  if (word.starts_with('-')) {
    fmt::print(stderr, "{}: unrecognized option '{}'\n", argv[0], word);
    return 1;
  }
  if (word == "list") word = "lsmod";
  if (word == "depmod" && depmod_main) return depmod_main(argc - 1, argv + 1);
  if (const Tool* tool = find_tool(word)) return run_tool(*tool, argc - 1, argv + 1);
  fmt::print(stderr, "invalid command '{}'\n", word);
  print_kmod_help();
  return 1;
}

}  // namespace

std::span<const Tool* const> tools() {
  static const std::array all{&kInsmod,  &kRmmod, &kLsmod,      &kModprobe,
                              &kModinfo, &kDmesg, &kStaticNodes};
  return all;
}

const Tool* find_tool(std::string_view name) {
  for (const Tool* tool : tools())
    if (name == tool->name) return tool;
  return nullptr;
}

int run_tool(const Tool& tool, int argc, char** argv) {
  messages().begin(tool.name);
  argc = take_kernel_options(argc, argv);
  if (argc < 0) return 1;
  int status = tool.run(argc, argv);
  // What was printed must have arrived: a full disk is a failure.
  if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
    if (errno != EPIPE) messages().error("could not write the output");
    return 1;
  }
  return status;
}

int tool_main(int argc, char** argv) {
  std::string_view name = last_part(argv[0]);
  if (name == "depmod" && depmod_main) return depmod_main(argc, argv);
  const Tool* tool = find_tool(name);
  return tool ? run_tool(*tool, argc, argv) : run_kmod(argc, argv);
}

int kmod_main(int argc, char** argv) {
  if (argc < 1) return 1;
  // static-nodes is only ever a word after kmod.
  return last_part(argv[0]) == kStaticNodes.name ? run_kmod(argc, argv) : tool_main(argc, argv);
}

}  // namespace ring3::kmod
