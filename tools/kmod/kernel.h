// SPDX-License-Identifier: GPL-2.0-only
// Which kernel the tools work on. The only place that decides it.
#pragma once

#include <memory>

#include "index/kernel_interface.h"

namespace ring3::kmod {

std::unique_ptr<index::KernelInterface> open_kernel();

}  // namespace ring3::kmod
