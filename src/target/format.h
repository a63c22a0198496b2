// SPDX-License-Identifier: GPL-2.0-only
// The compiled target: one flat file that is mapped and asked, never parsed.
//
//   Header      magic, format version, size, checksum of all the rest, and the sections' places
//   kStrings    every text once: a length (one byte; 255: four more bytes follow), then the bytes
//   kInputs     the files it was made from, with size and time; also those that did not exist
//   kFacts      release, vermagic, kdir, BTF source, banner
//   records     kExports (vmlinux's first, sorted by name), kFunctions, kTypes, kAggregates
//   (structs
//               and unions), kMembers (of one aggregate: together, sorted by name, anonymous
//               members already looked through), kEnumerators, kConfig, kCpuFeatures
//   tables      kExportTable ...: open addressing, a power of two of slots, record index + 1 or 0;
//               probed linearly from hash(name)
//
// Little-endian, 4-byte aligned records of u32. A text is a u32 offset into kStrings; offset 0 is
// the empty text. The file is untrusted: the reader verifies the checksum once and every index at
// each use, so that even a forged file yields wrong answers at worst.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.h"

namespace ring3::target::format {

inline constexpr char kMagic[8] = {'R', '3', 't', 'a', 'r', 'g', 'e', 't'};
inline constexpr uint32_t kVersion = 3;  // raise with every change of meaning here or in compile.cc
inline constexpr uint32_t kNone = UINT32_MAX;

enum SectionIndex : uint32_t {
  kStrings,
  kInputs,
  kFacts,
  kExports,
  kFunctions,
  kTypes,
  kAggregates,
  kMembers,
  kEnumerators,
  kConfig,
  kCpuFeatures,
  kBuiltin,
  kExportTable,
  kFunctionTable,
  kTypeTable,
  kEnumeratorTable,
  kConfigTable,
  kCpuFeatureTable,
  kSectionCount
};

struct SectionPlace {
  uint32_t offset = 0;
  uint32_t size = 0;
};
struct Header {
  char magic[8];
  uint32_t version;
  uint32_t header_size;
  uint64_t file_size;
  uint64_t checksum;  // see checksum() below
  uint32_t vmlinux_exports;
  uint32_t reserved;
  SectionPlace sections[kSectionCount];
};

struct Input {
  uint32_t path;
  uint32_t exists;
  uint32_t size[2];   // low, high
  uint32_t stamp[2];  // modification time in ns, or a hash of what identifies the file
};
struct Facts {
  uint32_t release, vermagic, kdir, btf_source, banner;
};
struct Export {
  uint32_t name, crc, flags, name_space, module, prototype, declaration;
};
inline constexpr uint32_t kGplOnly = 1;
inline constexpr uint32_t kOfVmlinux = 2;
struct Function {
  uint32_t name, prototype;
};
struct Type {
  uint32_t name, aggregate, size;
};
struct Aggregate {
  uint32_t first, count;
};
struct Member {
  uint32_t name, type, aggregate, offset, size;
  uint16_t bit_offset, bit_size;
};
struct Enumerator {
  uint32_t name;
  uint32_t value[2];
};
struct Option {
  uint32_t name, value;
};
struct CpuFeature {
  uint32_t name, number;
};
struct Builtin {
  uint32_t name, version;
};

inline uint64_t join64(const uint32_t (&halves)[2]) {
  return halves[0] | uint64_t{halves[1]} << 32;
}
inline void split64(uint64_t value, uint32_t (&halves)[2]) {
  halves[0] = static_cast<uint32_t>(value);
  halves[1] = static_cast<uint32_t>(value >> 32);
}

// A fast hash of good quality for names, and with four lanes the file's checksum. It guards against
// damage, not against forgery.
inline uint64_t mix(uint64_t a, uint64_t b) {
  unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}
inline constexpr uint64_t kSeeds[4] = {0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f, 0x165667b19e3779f9,
                                       0xd6e8feb86659fd93};
inline uint64_t load(const std::byte* at, size_t size) {
  uint64_t value = 0;
  std::memcpy(&value, at, size);
  return value;
}
inline uint64_t hash(Bytes bytes, uint64_t seed = 0) {
  uint64_t lanes[4] = {kSeeds[0] ^ seed, kSeeds[1], kSeeds[2], kSeeds[3]};
  const std::byte* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 64; left -= 64, at += 64)
    for (int i = 0; i < 4; i++)
      lanes[i] = mix(load(at + 16 * i, 8) ^ lanes[i], load(at + 16 * i + 8, 8) ^ kSeeds[i]);
  uint64_t value = lanes[0] ^ lanes[1] * 3 ^ lanes[2] * 5 ^ lanes[3] * 7;
  for (; left >= 8; left -= 8, at += 8) value = mix(value ^ load(at, 8), kSeeds[1]);
  if (left) value = mix(value ^ load(at, left), kSeeds[2]);
  return mix(value ^ bytes.size(), kSeeds[3]);
}
// Of a whole file, its checksum field left out.
inline uint64_t checksum(Bytes file) {
  constexpr size_t kAt = offsetof(Header, checksum), kBehind = kAt + sizeof(uint64_t);
  return hash(file.subspan(kBehind), hash(file.first(kAt)));
}
inline uint32_t hash_name(std::string_view name) {
  return static_cast<uint32_t>(hash(as_bytes(name)));
}

}  // namespace ring3::target::format
