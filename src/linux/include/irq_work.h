// SPDX-License-Identifier: GPL-2.0-only
// Calls from one CPU to another, in the virtual interrupt.
#pragma once

#include "machine/machine.h"

namespace ring3::kernel {

// What other CPUs asked of this one; in its interrupt.
void run_cross_calls(machine::Cpu& cpu);

}  // namespace ring3::kernel
