// SPDX-License-Identifier: GPL-2.0-only
#include "index/depmod_order.h"

namespace ring3::index {

uint32_t super_fast_hash(std::string_view text) {
  const char* at = text.data();
  auto byte = [&](int i) { return static_cast<uint32_t>(static_cast<unsigned char>(at[i])); };
  auto pair = [&](int i) { return byte(i) | byte(i + 1) << 8; };
  uint32_t hash = static_cast<uint32_t>(text.size());
  for (size_t left = text.size() / 4; left; left--, at += 4) {
    hash += pair(0);
    hash = hash << 16 ^ (pair(2) << 11 ^ hash);
    hash += hash >> 11;
  }
  switch (text.size() % 4) {
    case 3:
      hash += pair(0);
      hash ^= hash << 16;
      hash ^= byte(2) << 18;
      hash += hash >> 11;
      break;
    case 2:
      hash += pair(0);
      hash ^= hash << 11;
      hash += hash >> 17;
      break;
    case 1:
      hash += byte(0);
      hash ^= hash << 10;
      hash += hash >> 1;
      break;
  }
  hash ^= hash << 3;
  hash += hash >> 5;
  hash ^= hash << 4;
  hash += hash >> 17;
  hash ^= hash << 25;
  hash += hash >> 6;
  return hash;
}

}  // namespace ring3::index
