// SPDX-License-Identifier: GPL-2.0-only
// Showing the log: from the kernel, by its /dev/kmsg or by syslog(2), or from a file of either.
#pragma once

#include "index/kernel_interface.h"
#include "settings.h"

namespace ring3::dmesg {

// syslog(2)'s actions (include/linux/syslog.h).
enum SyslogAction : int {
  kReadAll = 3,
  kClear = 5,
  kConsoleOff = 6,
  kConsoleOn = 7,
  kConsoleLevel = 8,
  kSizeBuffer = 10,
};

// The exit status. A settings.source of kKmsg becomes kSyslog where the kernel has no /dev/kmsg
// that may be read.
int show_kernel(Settings& settings, index::KernelInterface& kernel);
int show_file(Settings& settings);

}  // namespace ring3::dmesg
