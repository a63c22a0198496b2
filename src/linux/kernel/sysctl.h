// SPDX-License-Identifier: GPL-2.0-only
// /proc/sys/kernel as far as it is about modules.
#pragma once

#include "machine/file_tree.h"
#include "module/loader.h"

namespace ring3::kernel {

void add_sysctl_files(machine::FileTree& tree, module::Loader& loader);

}  // namespace ring3::kernel
