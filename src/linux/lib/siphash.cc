// SPDX-License-Identifier: GPL-2.0-only
// lib/siphash.c: SipHash-2-4, and as hsiphash on 64-bit machines SipHash-1-3 cut to 32 bits. The
// forms for few words hash those words as bytes.
#include "linux/include/siphash.h"

#include "kapi/kapi.h"

namespace ring3::k {
struct siphash_key_t;
struct hsiphash_key_t;
}  // namespace ring3::k

namespace ring3::kernel {
namespace {

template <class... Words>
uint64_t of_words(const void* key, Words... words) {
  uint8_t bytes[(sizeof(Words) + ...)];
  size_t at = 0;
  ((std::memcpy(bytes + at, &words, sizeof(words)), at += sizeof(words)), ...);
  return siphash<2, 4>(bytes, at, *static_cast<const SipKey*>(key));
}
template <class... Words>
uint32_t half_of_words(const void* key, Words... words) {
  uint8_t bytes[(sizeof(Words) + ...)];
  size_t at = 0;
  ((std::memcpy(bytes + at, &words, sizeof(words)), at += sizeof(words)), ...);
  return static_cast<uint32_t>(siphash<1, 3>(bytes, at, *static_cast<const SipKey*>(key)));
}

KAPI(__siphash_unaligned, Real, uint64_t,
     (const void* data, size_t size, const k::siphash_key_t* key)) {
  return siphash<2, 4>(data, size, *reinterpret_cast<const SipKey*>(key));
}
KAPI(siphash_1u64, Real, uint64_t, (uint64_t a, const k::siphash_key_t* key)) {
  return of_words(key, a);
}
KAPI(siphash_2u64, Real, uint64_t, (uint64_t a, uint64_t b, const k::siphash_key_t* key)) {
  return of_words(key, a, b);
}
KAPI(siphash_3u64, Real, uint64_t,
     (uint64_t a, uint64_t b, uint64_t c, const k::siphash_key_t* key)) {
  return of_words(key, a, b, c);
}
KAPI(siphash_4u64, Real, uint64_t,
     (uint64_t a, uint64_t b, uint64_t c, uint64_t d, const k::siphash_key_t* key)) {
  return of_words(key, a, b, c, d);
}
KAPI(siphash_1u32, Real, uint64_t, (uint32_t a, const k::siphash_key_t* key)) {
  return of_words(key, a);
}
KAPI(siphash_3u32, Real, uint64_t,
     (uint32_t a, uint32_t b, uint32_t c, const k::siphash_key_t* key)) {
  return of_words(key, a, b, c);
}

KAPI(__hsiphash_unaligned, Real, uint32_t,
     (const void* data, size_t size, const k::hsiphash_key_t* key)) {
  return static_cast<uint32_t>(siphash<1, 3>(data, size, *reinterpret_cast<const SipKey*>(key)));
}
KAPI(hsiphash_1u32, Real, uint32_t, (uint32_t a, const k::hsiphash_key_t* key)) {
  return half_of_words(key, a);
}
KAPI(hsiphash_2u32, Real, uint32_t, (uint32_t a, uint32_t b, const k::hsiphash_key_t* key)) {
  return half_of_words(key, a, b);
}
KAPI(hsiphash_3u32, Real, uint32_t,
     (uint32_t a, uint32_t b, uint32_t c, const k::hsiphash_key_t* key)) {
  return half_of_words(key, a, b, c);
}
KAPI(hsiphash_4u32, Real, uint32_t,
     (uint32_t a, uint32_t b, uint32_t c, uint32_t d, const k::hsiphash_key_t* key)) {
  return half_of_words(key, a, b, c, d);
}

}  // namespace
}  // namespace ring3::kernel
