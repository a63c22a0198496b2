// SPDX-License-Identifier: GPL-2.0-only
// Which parts of a kernel have a folder in /sys/module without having been loaded: those with a
// parameter that can be seen (the kernel image's own table of parameters, __param) and those with a
// version (modules.builtin.modinfo). A module of such a name is refused. Not here: built-in
// drivers, to which later kernels give a folder when they register.
#pragma once

#include <set>
#include <string>

#include "base/bytes.h"
#include "target/btf.h"
#include "target/kernel_tree.h"
#include "target/target.h"

namespace ring3::target {

// Names before the first dot of visible parameters, "kernel" where there is none. Empty where the
// image or its BTF does not show them.
std::set<std::string> names_with_parameters(Bytes kernel, const Btf& btf);

// All of them. `names`: those with parameters, if the image has been read already.
BuiltinModules builtin_modules(KernelTree& tree, const Btf& btf, std::set<std::string> names);

}  // namespace ring3::target
