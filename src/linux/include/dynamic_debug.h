// SPDX-License-Identifier: GPL-2.0-only
// pr_debug() call sites: the queries that switch them on, and the file that lists them.
#pragma once

#include <string_view>

#include "machine/file_tree.h"

namespace ring3::module {
struct Module;
}
namespace ring3::target {
class Target;
}

namespace ring3::kernel {

// Where the descriptors of call sites keep their flags and lines in this target.
void bind_dynamic_debug(const target::Target& target);

// ENOEXEC and what is wrong: a pointer of a site or of a class map leads out of the module.
Result<void> check_debug_sites(const module::Module& module);
// Performs the queries, separated by newlines or semicolons. `module` is whose sites are meant when
// a query does not say (the dyndbg parameter of a module); null: all. 0 or a negative errno.
int dynamic_debug_queries(std::string_view text, const char* module);
// /sys/kernel/debug/dynamic_debug/control and /proc/dynamic_debug/control.
void add_dynamic_debug_files(machine::FileTree& tree);

}  // namespace ring3::kernel
