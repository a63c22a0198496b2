// SPDX-License-Identifier: GPL-2.0-only
// lib/crc*.c as far as vmlinux exports them. One table-driven loop for each direction; the
// polynomials are what differs. crc32_le and its like neither invert the start nor the result.
#include <array>
#include <cstdint>
#include <cstring>

#include "kapi/kapi.h"

namespace ring3::kernel {
namespace {

template <class T>
using Table = std::array<T, 256>;

// Bits enter at the low end; `polynomial` is reflected.
template <class T>
constexpr Table<T> reflected_table(T polynomial) {
  Table<T> table{};
  for (unsigned i = 0; i < 256; i++) {
    T value = static_cast<T>(i);
    for (int bit = 0; bit < 8; bit++)
      value = static_cast<T>(value >> 1 ^ (value & 1 ? polynomial : 0));
    table[i] = value;
  }
  return table;
}
// Bits enter at the high end.
template <class T>
constexpr Table<T> forward_table(T polynomial) {
  constexpr int kTop = sizeof(T) * 8 - 1;
  Table<T> table{};
  for (unsigned i = 0; i < 256; i++) {
    T value = static_cast<T>(static_cast<T>(i) << (kTop - 7));
    for (int bit = 0; bit < 8; bit++)
      value = static_cast<T>(static_cast<T>(value << 1) ^ (value >> kTop & 1 ? polynomial : 0));
    table[i] = value;
  }
  return table;
}

template <class T>
T reflected(const Table<T>& table, T crc, const void* data, size_t size) {
  auto bytes = static_cast<const uint8_t*>(data);
  for (size_t i = 0; i < size; i++) crc = static_cast<T>(crc >> 8 ^ table[(crc ^ bytes[i]) & 0xff]);
  return crc;
}
template <class T>
T forward(const Table<T>& table, T crc, const void* data, size_t size) {
  auto bytes = static_cast<const uint8_t*>(data);
  constexpr int kShift = sizeof(T) * 8 - 8;
  for (size_t i = 0; i < size; i++)
    crc = static_cast<T>(static_cast<T>(crc << 8) ^ table[(crc >> kShift ^ bytes[i]) & 0xff]);
  return crc;
}

constexpr uint32_t kCrc32Polynomial = 0xedb88320, kCrc32cPolynomial = 0x82f63b78;
constexpr auto kCrc32 = reflected_table<uint32_t>(kCrc32Polynomial);
constexpr auto kCrc32c = reflected_table<uint32_t>(kCrc32cPolynomial);
constexpr auto kCrc32Be = forward_table<uint32_t>(0x04c11db7);
constexpr auto kCcitt = reflected_table<uint16_t>(0x8408);
constexpr auto kCcittFalse = forward_table<uint16_t>(0x1021);
constexpr auto kT10dif = forward_table<uint16_t>(0x8bb7);
constexpr auto kCrc64 = forward_table<uint64_t>(0x42f0e1eba9ea3693);
constexpr auto kRocksoft = reflected_table<uint64_t>(0x9a6c9329ac4bc9b5);

// What crc becomes when `size` zero bytes follow: crc * x^(8 size) modulo the polynomial.
uint32_t multiplied(uint32_t a, uint32_t b, uint32_t polynomial) {
  uint32_t product = 0;
  for (int i = 31; i >= 0; i--) {  // bit 31 is x^0
    if (a >> i & 1) product ^= b;
    b = b >> 1 ^ (b & 1 ? polynomial : 0);
  }
  return product;
}
uint32_t shifted(uint32_t crc, size_t size, uint32_t polynomial) {
  uint32_t power = 0x00800000;  // x^8
  for (; size; size >>= 1) {
    if (size & 1) crc = multiplied(crc, power, polynomial);
    power = multiplied(power, power, polynomial);
  }
  return crc;
}

KAPI(crc32_le, Real, uint32_t, (uint32_t crc, const unsigned char* data, size_t size)) {
  return reflected(kCrc32, crc, data, size);
}
KAPI(__crc32c_le, Real, uint32_t, (uint32_t crc, const unsigned char* data, size_t size)) {
  return reflected(kCrc32c, crc, data, size);
}
KAPI(crc32_be, Real, uint32_t, (uint32_t crc, const unsigned char* data, size_t size)) {
  return forward(kCrc32Be, crc, data, size);
}
KAPI(crc32_le_shift, Real, uint32_t, (uint32_t crc, size_t size)) {
  return shifted(crc, size, kCrc32Polynomial);
}
KAPI(__crc32c_le_shift, Real, uint32_t, (uint32_t crc, size_t size)) {
  return shifted(crc, size, kCrc32cPolynomial);
}
KAPI(crc_ccitt, Real, uint16_t, (uint16_t crc, const uint8_t* data, size_t size)) {
  return reflected(kCcitt, crc, data, size);
}
KAPI(crc_ccitt_false, Real, uint16_t, (uint16_t crc, const uint8_t* data, size_t size)) {
  return forward(kCcittFalse, crc, data, size);
}
KAPI(crc_t10dif_generic, Real, uint16_t, (uint16_t crc, const unsigned char* data, size_t size)) {
  return forward(kT10dif, crc, data, size);
}
KAPI(crc_t10dif_update, Real, uint16_t, (uint16_t crc, const unsigned char* data, size_t size)) {
  return forward(kT10dif, crc, data, size);
}
KAPI(crc_t10dif, Real, uint16_t, (const unsigned char* data, size_t size)) {
  return forward(kT10dif, uint16_t{0}, data, size);
}
KAPI(crc64_be, Real, uint64_t, (uint64_t crc, const void* data, size_t size)) {
  return forward(kCrc64, crc, data, size);
}
KAPI(crc64_rocksoft_generic, Real, uint64_t, (uint64_t crc, const void* data, size_t size)) {
  return ~reflected(kRocksoft, ~crc, data, size);
}
KAPI(crc64_rocksoft_update, Real, uint64_t,
     (uint64_t crc, const unsigned char* data, size_t size)) {
  return ~reflected(kRocksoft, ~crc, data, size);
}
KAPI(crc64_rocksoft, Real, uint64_t, (const unsigned char* data, size_t size)) {
  return ~reflected(kRocksoft, ~uint64_t{0}, data, size);
}

KDATA_INIT(crc_ccitt_table, Real, nullptr, 512)
{ std::memcpy(at, kCcitt.data(), 512); }
KDATA_INIT(crc_ccitt_false_table, Real, nullptr, 512)
{ std::memcpy(at, kCcittFalse.data(), 512); }

// lib/bitrev.c
KDATA_INIT(byte_rev_table, Real, nullptr, 256)
{
  for (unsigned i = 0; i < 256; i++) {
    uint8_t reversed = 0;
    for (int bit = 0; bit < 8; bit++) reversed |= (i >> bit & 1) << (7 - bit);
    static_cast<uint8_t*>(at)[i] = reversed;
  }
}

}  // namespace
}  // namespace ring3::kernel
