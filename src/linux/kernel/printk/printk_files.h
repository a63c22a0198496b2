// SPDX-License-Identifier: GPL-2.0-only
// /dev/kmsg and /proc/sys/kernel/printk in the machine's tree of files.
#pragma once

#include "machine/file_tree.h"
#include "machine/kmsg.h"

namespace ring3::kernel {

// A read gives all records at once: the tree has no open files to remember a place in. A program's
// open file has a KmsgReader of its own.
void add_printk_files(machine::FileTree& tree);

// What this target allows; known when bind_printk has run.
machine::KmsgLimits kmsg_limits();

}  // namespace ring3::kernel
