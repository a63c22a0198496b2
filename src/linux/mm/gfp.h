// SPDX-License-Identifier: GPL-2.0-only
// GFP flags that have an effect here (include/linux/gfp_types.h). Their values are the same in 6.1,
// which spells them, and 6.12, where ___GFP_*_BIT enumerates them; mm_test.cc compares with both.
#pragma once

#include <cstdint>

namespace ring3::kernel {

enum Gfp : unsigned {
  kGfpDma = 1u << 0,
  kGfpZero = 1u << 8,
  kGfpDirectReclaim = 1u << 10,  // the caller may sleep
  kGfpNoWarn = 1u << 13,
  kGfpNoFail = 1u << 15,
  kGfpCompound = 1u << 18,
  // GFP_KERNEL: reclaim of both kinds, IO, FS.
  kGfpKernel = 1u << 6 | 1u << 7 | 1u << 10 | 1u << 11,
  // GFP_ATOMIC, as far as both kernels agree: HIGH and kswapd's reclaim.
  kGfpAtomic = 1u << 5 | 1u << 11,
};

// kmalloc(0): not null, never to be touched, and kfree takes it.
inline constexpr uint64_t kZeroSizePointer = 16;
inline bool is_zero_or_null(const void* pointer) {
  return reinterpret_cast<uint64_t>(pointer) <= kZeroSizePointer;
}
inline void* zero_size_pointer() { return reinterpret_cast<void*>(kZeroSizePointer); }

}  // namespace ring3::kernel
