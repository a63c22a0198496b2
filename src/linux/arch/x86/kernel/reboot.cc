// SPDX-License-Identifier: GPL-2.0-only
// pm_power_off: null until a driver of some hardware puts its function there, as on Linux where
// ACPI switches the machine off. Nothing here calls it: kernel_power_off() does what ACPI does,
// which comes first there, too.
#include "kapi/kapi.h"

namespace ring3::kernel {
namespace {

using PowerOff = void (*)();
KDATA(pm_power_off, Real, PowerOff);

}  // namespace
}  // namespace ring3::kernel
