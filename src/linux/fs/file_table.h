// SPDX-License-Identifier: GPL-2.0-only
// Between the files of src/linux/fs: a struct file before it is opened, and after it was closed.
#pragma once

#include "linux/include/fs.h"

namespace ring3::kernel {

void* zeroed(size_t size);  // kernel memory of the runtime's own; null when there is none

// Not opened yet. Takes over a use of the inode (inode.h) and a hold on its device (char_dev.h).
k::file* file_make(k::inode* inode, k::dentry* dentry, unsigned flags);
// Without release: the references that it holds, and its memory.
void file_forget(k::file* file);

}  // namespace ring3::kernel
