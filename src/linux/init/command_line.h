// SPDX-License-Identifier: GPL-2.0-only
// The kernel command line (Documentation/admin-guide/kernel-parameters.txt) as far as it is about
// modules: nomodule, module_blacklist=, initcall_blacklist=, module.sig_enforce, lockdown=.
#pragma once

#include <string_view>

#include "module/loader.h"

namespace ring3::kernel {

void take_command_line(std::string_view text, module::LoaderOptions& loader);

}  // namespace ring3::kernel
