// SPDX-License-Identifier: GPL-2.0-only
// lib/uuid.c: UUIDs (big-endian) and GUIDs (their first three parts little-endian), read from text
// and made at random (version 4, RFC 4122).
#include <x86intrin.h>

#include <cerrno>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/ctype.h"
#include "linux/include/random.h"
#include "linux/include/siphash.h"

namespace ring3::k {
struct uuid_t;
struct guid_t;
}  // namespace ring3::k

namespace ring3::kernel {
namespace {

KDATA_INIT(guid_null, Real, nullptr, 16)
{ std::memset(at, 0, 16); }
KDATA_INIT(uuid_null, Real, nullptr, 16)
{ std::memset(at, 0, 16); }

constexpr uint8_t kUuidOrder[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
constexpr uint8_t kGuidOrder[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
constexpr int kTextSize = 36;

bool valid(const char* text) {
  for (int i = 0; i < kTextSize; i++) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex_digit(text[i])) return false;
  }
  return true;
}

int parse(const char* text, void* target, const uint8_t (&order)[16]) {
  if (!valid(text)) return -EINVAL;
  for (int i = 0; i < 16; i++) {
    while (*text == '-') text++;
    static_cast<uint8_t*>(target)[order[i]] =
        static_cast<uint8_t>(digit_value(text[0]) << 4 | digit_value(text[1]));
    text += 2;
  }
  return 0;
}

void random_bytes(uint8_t* bytes) {
  if (&kernel_random) return kernel_random(bytes, 16);
  SipKey key{{__rdtsc(), reinterpret_cast<uint64_t>(&bytes)}};
  for (uint64_t i = 0; i < 2; i++) {
    uint64_t word = siphash24_u64(i, key);
    std::memcpy(bytes + 8 * i, &word, 8);
  }
}

// The version stands in the high half of byte 6, which is byte 7 of a GUID.
void make(void* target, int version_byte) {
  uint8_t* bytes = static_cast<uint8_t*>(target);
  random_bytes(bytes);
  bytes[version_byte] = (bytes[version_byte] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
}

KAPI(uuid_is_valid, Real, bool, (const char* text)) { return valid(text); }
KAPI(uuid_parse, Real, int, (const char* text, k::uuid_t* uuid)) {
  return parse(text, uuid, kUuidOrder);
}
KAPI(guid_parse, Real, int, (const char* text, k::guid_t* guid)) {
  return parse(text, guid, kGuidOrder);
}
KAPI(generate_random_uuid, Real, void, (unsigned char* uuid)) { make(uuid, 6); }
KAPI(generate_random_guid, Real, void, (unsigned char* guid)) { make(guid, 7); }
KAPI(uuid_gen, Real, void, (k::uuid_t * uuid)) { make(uuid, 6); }
KAPI(guid_gen, Real, void, (k::guid_t * guid)) { make(guid, 7); }

}  // namespace
}  // namespace ring3::kernel
