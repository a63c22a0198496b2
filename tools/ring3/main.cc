// SPDX-License-Identifier: GPL-2.0-only
// ring3: one program, one subcommand a file. Each file adds its command to the parser and returns
// the exit status through Commands::status.
#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "commands.h"
#include "kmod/kernel.h"
#include "kmod/tools.h"

int main(int argc, char** argv) {
  // The module tools have their own parser, whose options and messages are kmod's.
  using ring3::kmod::find_tool;
  if (argc > 1 && (find_tool(argv[1]) || argv[1] == std::string_view("depmod"))) {
    ring3::kmod::called_by_ring3();
    return ring3::kmod::tool_main(argc - 1, argv + 1);
  }
  CLI::App app{"Ring 3: runs unmodified Linux kernel modules in an ordinary process"};
  app.name("ring3");
  app.require_subcommand(1);
  ring3::tools::Commands commands;
  ring3::tools::add_run(app, commands);
  ring3::tools::add_script(app, commands);
  ring3::tools::add_boot(app, commands);
  ring3::tools::add_shutdown(app, commands);
  ring3::tools::add_ps(app, commands);
  ring3::tools::add_api(app, commands);
  std::string tools =
      "Module tools, as kmod has them, on a machine (--machine NAME) or the running kernel "
      "(--host): "
      "depmod";
  for (const ring3::kmod::Tool* tool : ring3::kmod::tools())
    tools += std::string(", ") + tool->name;
  app.footer(tools);
  CLI11_PARSE(app, argc, argv);
  return commands.run ? commands.run() : 0;
}
