// SPDX-License-Identifier: GPL-2.0-only
// The kernel command line (Documentation/admin-guide/kernel-parameters.txt) as far as it is about
// modules: nomodule, module_blacklist=, initcall_blacklist=, module.sig_enforce, lockdown=.
#pragma once

#include <string_view>

#include "module/loader.h"

namespace ring3::kernel {

void take_command_line(std::string_view text, module::LoaderOptions& loader);

// log_buf_len=N[KMG]: the size of the log, `size` if nothing larger is asked for.
size_t log_size(std::string_view command_line, size_t size);

}  // namespace ring3::kernel
