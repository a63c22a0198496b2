// SPDX-License-Identifier: GPL-2.0-only
// Kernel memory for runtime code: what the kernel API hands to modules lives where modules' own
// memory lives (virt_to_page works, kfree takes it, the guarded heap guards it).
#pragma once

#include <cstddef>
#include <cstdint>

#include "linux/mm/gfp.h"

namespace ring3::kernel {

// The call site in module code that led here, through however many entries of the kernel API; 0
// outside any.
uint64_t module_caller();

// kmalloc(): null on failure (and while there is no machine), ZERO_SIZE_PTR for no bytes. Charged
// to the call from module code that is running: a leak report will name it.
void* kernel_allocate(size_t size, unsigned gfp);
// The same, charged to `owner`; 0 is the runtime, which no leak report lists.
void* kernel_allocate_for(uint64_t owner, size_t size, unsigned gfp);
void kernel_free(const void* object);

inline void* allocate_if_possible(size_t size, unsigned gfp) { return kernel_allocate(size, gfp); }
inline void free_if_possible(const void* object) { kernel_free(object); }

}  // namespace ring3::kernel
