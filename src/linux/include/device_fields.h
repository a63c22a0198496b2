// SPDX-License-Identifier: GPL-2.0-only
// The members of devices that messages name them by.
#pragma once

#include "kapi/field.h"
#include "linux/include/tags.h"

namespace ring3::kernel {

KFIELD(device, init_name, const char*);
KFIELD_PATH(device, kobj.name, kobject_name, const char*);
KFIELD(device, driver, k::device_driver*);
KFIELD(device, devt, uint32_t);
// Pointers to structs that targets qualify differently (const or not): only the place is asked.
KPLACE(device, bus, bus_place);
KPLACE(device, class, class_place);
KFIELD(device_driver, name, const char*);
KFIELD(bus_type, name, const char*);
KFIELD(class, name, const char*);

}  // namespace ring3::kernel
