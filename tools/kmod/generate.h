// SPDX-License-Identifier: GPL-2.0-only
// Completions and man pages, written from the tables of options:
//
//   kmod --completion bash|zsh|fish      one script for all tools
//   kmod --man TOOL                      the page of its section
#pragma once

#include <string>

#include "options.h"

namespace ring3::kmod {

int generate(int argc, char** argv);  // argv[0] is --completion or --man

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();
std::string man_page(const Tool& tool);

}  // namespace ring3::kmod
