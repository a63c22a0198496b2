// SPDX-License-Identifier: GPL-2.0-only
// lib/checksum.c (on x86 arch/x86/lib/csum-partial_64.c): the Internet checksum, RFC 1071.
#include <cstring>

#include "kapi/kapi.h"

namespace ring3::kernel {
namespace {

uint64_t add(uint64_t a, uint64_t b) {
  uint64_t sum = a + b;
  return sum + (sum < a);
}

uint32_t partial(const void* data, int length, uint32_t start) {
  const char* at = static_cast<const char*>(data);
  uint64_t sum = start;
  for (; length >= 8; length -= 8, at += 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    sum = add(sum, word);
  }
  uint64_t rest = 0;
  if (length > 0) std::memcpy(&rest, at, length);
  sum = add(sum, rest);
  uint32_t low = static_cast<uint32_t>(sum), folded = low + static_cast<uint32_t>(sum >> 32);
  return folded + (folded < low);
}

KAPI(csum_partial, Real, uint32_t, (const void* data, int length, uint32_t sum)) {
  return partial(data, length, sum);
}
KAPI(ip_compute_csum, Real, uint16_t, (const void* data, int length)) {
  uint32_t sum = partial(data, length, 0);
  sum = (sum >> 16) + (sum & 0xffff);
  sum += sum >> 16;
  return static_cast<uint16_t>(~sum);
}

}  // namespace
}  // namespace ring3::kernel
