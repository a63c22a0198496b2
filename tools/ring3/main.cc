// SPDX-License-Identifier: GPL-2.0-only
// ring3: one program, one subcommand a file. Each file adds its command to the parser and returns
// the exit status through Commands::status.
#include <CLI/CLI.hpp>

#include "commands.h"

int main(int argc, char** argv) {
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
  CLI11_PARSE(app, argc, argv);
  return commands.run ? commands.run() : 0;
}
