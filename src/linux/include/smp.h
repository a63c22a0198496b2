// SPDX-License-Identifier: GPL-2.0-only
// Calls on other CPUs, for runtime code.
#pragma once

namespace ring3::kernel {

// On every CPU but this one, with interrupts off there. Without waiting `info` must outlive us.
void call_other_cpus(void (*function)(void*), void* info, bool wait);

}  // namespace ring3::kernel
