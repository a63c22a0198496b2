// SPDX-License-Identifier: GPL-2.0-only
#include "commands.h"
namespace ring3::tools {
void add_script(CLI::App&, Commands&) {}
void add_api(CLI::App&, Commands&) {}
}  // namespace ring3::tools
