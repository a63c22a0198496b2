// SPDX-License-Identifier: GPL-2.0-only
// How a machine ends besides a panic: module code asked for it, or its owner did.
#pragma once

#include <cstdint>

namespace ring3::kernel {

enum class MachineEnd : uint8_t { kPowerOff, kHalt, kRestart };

}  // namespace ring3::kernel
