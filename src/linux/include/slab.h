// SPDX-License-Identifier: GPL-2.0-only
// Kernel memory for runtime code.
#pragma once

#include <cstddef>

namespace ring3::kernel {
inline constexpr unsigned kGfpKernel = 0xcc0;
void* kernel_allocate(size_t size, unsigned gfp);
void kernel_free(void* object);
}  // namespace ring3::kernel
