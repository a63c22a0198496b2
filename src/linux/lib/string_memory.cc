// SPDX-License-Identifier: GPL-2.0-only
// lib/string.c and arch/x86/lib: memory. memcpy, memmove and memset are assembly in Linux, with
// ordinary C conventions; __memcpy and its like are the same functions.
#include <bit>
#include <cstring>

#include "kapi/kapi.h"

namespace ring3::kernel {
namespace {

KAPI(memcpy, Real, void*, (void* target, const void* source, size_t size)) {
  return std::memcpy(target, source, size);
}
KAPI_ALIAS(__memcpy, memcpy);
KAPI(memmove, Real, void*, (void* target, const void* source, size_t size)) {
  return std::memmove(target, source, size);
}
KAPI_ALIAS(__memmove, memmove);
KAPI(memset, Real, void*, (void* target, int c, size_t size)) {
  return std::memset(target, c, size);
}
KAPI_ALIAS(__memset, memset);

// The difference of the first bytes that differ.
KAPI(memcmp, Real, int, (const void* a, const void* b, size_t size)) {
  auto x = static_cast<const unsigned char*>(a), y = static_cast<const unsigned char*>(b);
  for (size_t i = 0; i < size; i++)
    if (x[i] != y[i]) return x[i] - y[i];
  return 0;
}
KAPI(bcmp, Real, int, (const void* a, const void* b, size_t size)) {
  return std::memcmp(a, b, size) != 0;
}
KAPI(memchr, Real, void*, (const void* memory, int c, size_t size)) {
  return const_cast<void*>(std::memchr(memory, c, size));
}
// The end, not null, when the byte is not there.
KAPI(memscan, Real, void*, (void* memory, int c, size_t size)) {
  void* found = std::memchr(memory, c, size);
  return found ? found : static_cast<char*>(memory) + size;
}
// The first byte that is not c.
KAPI(memchr_inv, Real, void*, (const void* memory, int c, size_t size)) {
  auto bytes = static_cast<const unsigned char*>(memory);
  for (size_t i = 0; i < size; i++)
    if (bytes[i] != static_cast<unsigned char>(c)) return const_cast<unsigned char*>(bytes + i);
  return nullptr;
}
KAPI(memcpy_and_pad, Real, void,
     (void* target, size_t target_size, const void* source, size_t count, int pad)) {
  size_t copied = count < target_size ? count : target_size;
  std::memcpy(target, source, copied);
  std::memset(static_cast<char*>(target) + copied, pad, target_size - copied);
}
KAPI(memweight, Real, size_t, (const void* memory, size_t size)) {
  auto bytes = static_cast<const unsigned char*>(memory);
  size_t weight = 0;
  for (size_t i = 0; i < size; i++) weight += std::popcount(bytes[i]);
  return weight;
}
// Persistent memory's copy: the cache is flushed, which nobody can tell here.
KAPI(__memcpy_flushcache, Real, void, (void* target, const void* source, size_t size)) {
  std::memcpy(target, source, size);
}
KAPI(copy_page, Real, void, (void* target, const void* source)) {
  std::memcpy(target, source, 4096);
}
// Called through an alternative that clobbers only %rax, %rcx and %rdi.
KAPI_ASM(clear_page_orig, Real, ring3_clear_page);
KAPI_ASM(clear_page_rep, Real, ring3_clear_page);
KAPI_ASM(clear_page_erms, Real, ring3_clear_page);

}  // namespace
}  // namespace ring3::kernel
