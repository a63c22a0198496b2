// SPDX-License-Identifier: GPL-2.0-only
// The subcommands of ring3. add_X declares options; when the command is the one that was given, its
// callback sets `run`, which main calls after parsing.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ring3::tools {

struct Commands {
  std::function<int()> run;
};

void add_run(CLI::App& app, Commands& commands);
void add_script(CLI::App& app, Commands& commands);
void add_boot(CLI::App& app, Commands& commands);
void add_shutdown(CLI::App& app, Commands& commands);
void add_ps(CLI::App& app, Commands& commands);
void add_api(CLI::App& app, Commands& commands);

}  // namespace ring3::tools
