// SPDX-License-Identifier: GPL-2.0-only
// Calls from one CPU to another, in the virtual interrupt.
#pragma once

#include <functional>

#include "machine/machine.h"

namespace ring3::kernel {

// What other CPUs asked of this one; in its interrupt.
void run_cross_calls(machine::Cpu& cpu);
// Asks another CPU; does not wait.
void call_on_cpu(unsigned cpu, std::function<void()> call);

}  // namespace ring3::kernel
