// SPDX-License-Identifier: GPL-2.0-only
#include "kernel.h"

#include "index/host_kernel.h"

namespace ring3::kmod {

std::unique_ptr<index::KernelInterface> open_kernel() {
  return std::make_unique<index::HostKernel>();
}

}  // namespace ring3::kmod
