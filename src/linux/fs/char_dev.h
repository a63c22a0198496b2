// SPDX-License-Identifier: GPL-2.0-only
// Between the files of src/linux/fs: the cdev behind a number, held with its module.
#pragma once

#include "linux/include/fs.h"

namespace ring3::kernel {

// `known`: the one that open files of the number have, or null. Null: nobody answers for it, or its
// module goes.
k::cdev* cdev_get(uint32_t number, k::cdev* known);
void cdev_put(k::cdev* device);
const k::file_operations* cdev_operations(const k::cdev* device);

}  // namespace ring3::kernel
