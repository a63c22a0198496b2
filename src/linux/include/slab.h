// SPDX-License-Identifier: GPL-2.0-only
// The machine's heap as runtime code uses it: memory for a module, charged to the call that is
// running. Weak, so that parts link (and are tested) without the allocator; then there is no
// memory.
#pragma once

#include <cstddef>

namespace ring3::kernel {

inline constexpr unsigned kGfpKernel = 0xcc0;
[[gnu::weak]] void* kernel_allocate(size_t size, unsigned gfp);
[[gnu::weak]] void kernel_free(const void* object);

inline void* allocate_if_possible(size_t size, unsigned gfp) {
  return &kernel_allocate ? kernel_allocate(size, gfp) : nullptr;
}
inline void free_if_possible(const void* object) {
  if (&kernel_free) kernel_free(object);
}

}  // namespace ring3::kernel
