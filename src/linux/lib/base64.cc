// SPDX-License-Identifier: GPL-2.0-only
// lib/base64.c (RFC 4648, padded) and lib/net_utils.c.
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/ctype.h"

namespace ring3::kernel {
namespace {

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

KAPI(base64_encode, Real, int, (const uint8_t* source, int size, char* target)) {
  uint32_t bits = 0;
  int count = 0;
  char* at = target;
  for (int i = 0; i < size; i++) {
    bits = bits << 8 | source[i];
    count += 8;
    while (count >= 6) *at++ = kBase64[bits >> (count -= 6) & 63];
  }
  if (count) *at++ = kBase64[bits << (6 - count) & 63];
  while ((at - target) % 4) *at++ = '=';
  return static_cast<int>(at - target);
}
KAPI(base64_decode, Real, int, (const char* source, int size, uint8_t* target)) {
  uint32_t bits = 0;
  int count = 0;
  uint8_t* at = target;
  for (int i = 0; i < size; i++) {
    if (source[i] == '=') {
      bits <<= 6;
      count += 6;
      if (count >= 8) count -= 8;
      continue;
    }
    const char* digit = source[i] ? std::strchr(kBase64, source[i]) : nullptr;
    if (!digit) return -1;
    bits = bits << 6 | static_cast<uint32_t>(digit - kBase64);
    count += 6;
    if (count >= 8) *at++ = static_cast<uint8_t>(bits >> (count -= 8));
  }
  if (bits & ((1u << count) - 1)) return -1;
  return static_cast<int>(at - target);
}

KAPI(mac_pton, Real, bool, (const char* text, uint8_t* mac)) {
  if (::strnlen(text, 17) < 17) return false;
  for (int i = 0; i < 6; i++) {
    if (!is_hex_digit(text[i * 3]) || !is_hex_digit(text[i * 3 + 1])) return false;
    if (i != 5 && text[i * 3 + 2] != ':') return false;
  }
  for (int i = 0; i < 6; i++)
    mac[i] = static_cast<uint8_t>(digit_value(text[i * 3]) << 4 | digit_value(text[i * 3 + 1]));
  return true;
}

}  // namespace
}  // namespace ring3::kernel
