// SPDX-License-Identifier: GPL-2.0-only
// The module system calls of the running kernel. They go through libc's functions where libc has
// them, which a preloaded library may replace. The result is 0 or an errno.
#pragma once

#include <string>

#include "base/bytes.h"

namespace ring3::host {

int init_module(Bytes image, const std::string& args);
int finit_module(int fd, const std::string& args, unsigned flags);
int delete_module(const std::string& name, unsigned flags);

}  // namespace ring3::host
