// SPDX-License-Identifier: GPL-2.0-only
// The binary form of modules.dep and its family (modules.dep.bin, modules.alias.bin, ...): a trie
// from keys to values, which a reader walks in the file without loading it.
//
//   header   u32 magic, u32 version, u32 root           all numbers are big-endian
//   node     prefix, NUL                                 if its reference has kPrefix
//            u8 first, u8 last, u32 child[last-first+1]  if it has kChildren; 0 is no child
//            u32 count, count * {u32 priority, value, NUL}   if it has kValues
//
// A reference to a node is its offset with these flags in the upper bits. The key of a node is that
// of its parent, the character that chose it, and its prefix. The root has no prefix. Values of a
// node stand by priority (the position in modules.order). Keys are ASCII.
//
// kmod 30 writes children before their parent, later versions the parent first; both read either.
// We write as kmod 30 does, the same bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ring3::index {

struct IndexFormat {
  static constexpr uint32_t kMagic = 0xB007F457;
  static constexpr uint32_t kVersion = 0x00020001;  // readers ask for the upper half
  static constexpr uint32_t kHeader = 12;
  static constexpr uint32_t kPrefix = 0x80000000, kValues = 0x40000000, kChildren = 0x20000000;
  static constexpr uint32_t kOffset = 0x0FFFFFFF;
};

struct IndexValue {
  uint32_t priority = 0;
  std::string_view text;
};

// Reads an index that may be anything. Every offset is checked when it is followed; what the views
// point to is in the bytes given, which must outlive them. Errors (EINVAL) name the file and the
// offset in it.
class BinaryIndex {
 public:
  // Checks the header. `name` is for errors.
  static Result<BinaryIndex> parse(Bytes bytes, std::string name);

  // The values of exactly this key, in the order of the file; empty when it is not there.
  Result<std::vector<IndexValue>> find(std::string_view key) const;
  // The values of all keys that are patterns (* ? [...]) matching `name`, by priority. Among equals
  // the one found last comes first, as kmod has it.
  Result<std::vector<IndexValue>> match(std::string_view name) const;
  // Every key with each of its values, in the order of the keys.
  using Visitor = std::function<void(std::string_view key, const IndexValue&)>;
  Result<void> for_each(const Visitor& visit) const;

 private:
  struct Node {
    uint32_t offset = 0;  // in the file
    std::string_view prefix;
    unsigned first = 1, last = 0;
    uint32_t children = 0;  // offset of child[0]
    uint32_t values = 0;    // offset of `count`, 0: none
  };

  BinaryIndex(Bytes bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}

  Error damaged(uint32_t offset, const char* what) const;
  uint32_t number(uint64_t offset) const;
  Result<Node> node(uint32_t reference) const;
  uint32_t child(const Node& node, unsigned character) const;  // 0: none
  template <class Fn>
  Result<void> values(const Node& node, Fn&& fn) const;
  template <class Fn>
  Result<void> below(const Node& start, std::string key, Fn&& fn) const;
  Result<void> match_below(const Node& start, std::string pattern, std::string_view rest,
                           std::vector<IndexValue>& found) const;

  Bytes bytes_;
  std::string name_;
  uint32_t root_ = 0;
};

struct IndexEntry {
  std::string_view key, value;
  uint32_t priority = 0;
};

// The index file of these entries. Among entries with the same key and priority the last one comes
// first. Fails (EINVAL) on a key that is not ASCII and (EFBIG) when offsets do not fit.
Result<std::string> build_binary_index(std::vector<IndexEntry> entries);

}  // namespace ring3::index
