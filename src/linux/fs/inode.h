// SPDX-License-Identifier: GPL-2.0-only
// Between the files of src/linux/fs: inode and dentry of a device's node. Everybody who has one
// number open shares them; they go with the last.
#pragma once

#include "linux/include/fs.h"

namespace ring3::kernel {

// The cdev that open files of the number have; null when there are none.
k::cdev* node_device(uint32_t number);
// One user more of the number's inode, which is made for the first (`name` is its node's). Null: no
// memory.
k::inode* node_open(uint32_t number, k::cdev* device, const char* name);
k::dentry* node_dentry(const k::inode* inode);
void node_close(k::inode* inode);

}  // namespace ring3::kernel
