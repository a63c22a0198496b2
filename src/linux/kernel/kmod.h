// SPDX-License-Identifier: GPL-2.0-only
// The program that request_module() runs: /proc/sys/kernel/modprobe.
#pragma once

#include <string>

namespace ring3::kernel {

// Asks modprobe for the module, and waits for it if `wait`. 0, a negative errno, or modprobe's wait
// status.
int request_module(bool wait, const char* name);

std::string modprobe_path();
void set_modprobe_path(std::string_view path);  // cut to what the kernel has room for

}  // namespace ring3::kernel
