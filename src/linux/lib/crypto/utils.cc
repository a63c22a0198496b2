// SPDX-License-Identifier: GPL-2.0-only
// lib/crypto/memneq.c and utils.c: comparing in a time that does not tell where the difference is,
// and xor.
#include <cstddef>
#include <cstdint>

#include "kapi/kapi.h"

namespace ring3::kernel {
namespace {

KAPI(__crypto_memneq, Real, unsigned long, (const void* a, const void* b, size_t size)) {
  const volatile uint8_t* left = static_cast<const uint8_t*>(a);
  const volatile uint8_t* right = static_cast<const uint8_t*>(b);
  unsigned long differs = 0;
  for (size_t i = 0; i < size; i++) differs |= left[i] ^ right[i];
  return differs;
}
KAPI(__crypto_xor, Real, void,
     (uint8_t * target, const uint8_t* a, const uint8_t* b, unsigned size)) {
  for (unsigned i = 0; i < size; i++) target[i] = a[i] ^ b[i];
}

}  // namespace
}  // namespace ring3::kernel
