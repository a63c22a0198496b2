// SPDX-License-Identifier: GPL-2.0-only
// The end of the machine, for the runtime.
#pragma once

namespace ring3::kernel {

// kernel_power_off(), by a task: whoever registered is told, then the machine ends.
void power_off();
// The machine is gone, and the modules that had registered with it.
void forget_reboot_notifiers();

}  // namespace ring3::kernel
