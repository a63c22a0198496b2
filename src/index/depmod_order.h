// SPDX-License-Identifier: GPL-2.0-only
// The order in which kmod's hash tables are walked. It can be seen: modules.symbols has the symbols
// in the order of a table with 2048 buckets, and modules that modules.order does not name come in
// that of one with 512. Inside a bucket names stand as strcmp has them. The hash is Paul Hsieh's
// SuperFastHash.
#pragma once

#include <cstdint>
#include <string_view>

namespace ring3::index {

constexpr uint32_t kSymbolBuckets = 2048, kModuleBuckets = 512;

uint32_t super_fast_hash(std::string_view text);

// What to sort by to walk a table of `buckets` (a power of two).
struct HashOrder {
  uint32_t bucket;
  std::string_view name;
  HashOrder(std::string_view name, uint32_t buckets)
      : bucket(super_fast_hash(name) & (buckets - 1)), name(name) {}
  bool operator<(const HashOrder& other) const {
    return bucket != other.bucket ? bucket < other.bucket : name < other.name;
  }
};

}  // namespace ring3::index
