// SPDX-License-Identifier: GPL-2.0-only
// What can be seen of modules, as nodes of the machine's tree of files: /proc/modules and
// /proc/kallsyms (procfs.cc), /sys/module/NAME/ with all that is in it (sysfs.cc). Contents, modes
// and errnos are Linux's (CONTRACT 5.3). A module's folder is one node until somebody looks inside.
#pragma once

#include "machine/file_tree.h"
#include "module/loader.h"

namespace ring3::module {

// The files that are there without any module: /proc/modules, /proc/kallsyms, the loader's own
// parameters in /sys/module/module/parameters, a folder for each built-in module that Linux shows.
void add_module_files(machine::FileTree& tree, Loader& loader);

// /sys/module/NAME. EEXIST: there is one, of a built-in module.
Result<machine::File> add_sysfs_folder(machine::FileTree& tree, Loader& loader, Module& module);

void add_proc_files(machine::FileTree& tree, Loader& loader);

// A parameter's file as Linux's param_attr_show and param_attr_store make it.
machine::File parameter_file(Loader& loader, const Module& module, const k::kernel_param* param);

}  // namespace ring3::module
