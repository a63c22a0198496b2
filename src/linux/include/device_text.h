// SPDX-License-Identifier: GPL-2.0-only
// A device as messages name it: "driver name:" and the SUBSYSTEM and DEVICE that tools read from
// /dev/kmsg.
#pragma once

#include <cstdarg>

#include "linux/include/tags.h"

namespace ring3::kernel {

const char* device_name(const k::device* device);           // dev_name()
const char* device_driver_string(const k::device* device);  // dev_driver_string()

// dev_printk_emit: a line with the device's dictionary.
int device_print_list(int level, const k::device* device, const char* format, va_list arguments);
int device_print(int level, const k::device* device, const char* format, ...);

}  // namespace ring3::kernel
