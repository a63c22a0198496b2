// SPDX-License-Identifier: GPL-2.0-only
// The tools in this program, by the name that it is called by.
#pragma once

#include <span>
#include <string_view>

#include "options.h"

namespace ring3::kmod {

extern const Tool kInsmod, kRmmod, kLsmod, kModprobe, kModinfo, kDmesg, kStaticNodes;

// All of them, in the order of the help.
std::span<const Tool* const> tools();
const Tool* find_tool(std::string_view name);  // null: there is none

// The kmod command itself: kmod COMMAND..., or, called by a tool's name, that tool.
int kmod_main(int argc, char** argv);
// argv[0] is a tool's name, or static-nodes.
int tool_main(int argc, char** argv);
// One tool; argv[0] is what its messages call it.
int run_tool(const Tool& tool, int argc, char** argv);

}  // namespace ring3::kmod

// depmod has a folder of its own; null where it is not linked in.
[[gnu::weak]] int depmod_main(int argc, char** argv);
