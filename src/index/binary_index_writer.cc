// SPDX-License-Identifier: GPL-2.0-only
// Writing the trie without building one: of sorted keys each node is a range, whose common prefix
// is that of its first and its last key, and whose children are the ranges with the same next
// character. Children are written before their parent, so each offset is known when it is needed. A
// stack of ranges instead of recursion: keys come from module files.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "index/binary_index.h"

namespace ring3::index {
namespace {

class Writer {
 public:
  explicit Writer(std::vector<IndexEntry> entries) : entries_(std::move(entries)) {}

  Result<std::string> write() {
    for (const IndexEntry& entry : entries_)
      for (char c : entry.key)
        if (c <= 0)
          return Error{EINVAL, fmt::format("the key '{}' is not ASCII; an index has only such keys",
                                           entry.key)};
    sort();
    size_t size = 0;
    for (const IndexEntry& entry : entries_) size += entry.value.size() + 32;
    out_.reserve(size);
    number(IndexFormat::kMagic);
    number(IndexFormat::kVersion);
    number(0);
    uint32_t root = write_nodes();
    if (out_.size() > IndexFormat::kOffset)
      return Error{EFBIG, fmt::format("an index of {} bytes: its format ends at {}", out_.size(),
                                      IndexFormat::kOffset)};
    put_number(8, root);
    return std::move(out_);
  }

 private:
  // By key, priority, and of equals the last one first. Keys have long beginnings in common, so
  // they are compared eight characters at a time: a range is sorted by the next eight, and what is
  // equal in these is a range to sort by the eight behind them.
  void sort() {
    struct Item {
      uint64_t characters;  // the first in the highest byte; 0 behind the end, as no key has
      uint32_t entry;
    };
    struct Part {
      uint32_t begin, end;
      size_t at;  // where in the keys
    };
    std::vector<Item> items(entries_.size());
    for (uint32_t i = 0; i < items.size(); i++) items[i].entry = i;
    std::vector<Part> parts = {{0, static_cast<uint32_t>(items.size()), 0}};
    while (!parts.empty()) {
      Part part = parts.back();
      parts.pop_back();
      auto from = items.begin() + part.begin, to = items.begin() + part.end;
      for (auto item = from; item != to; ++item)
        item->characters = eight_of(entries_[item->entry].key, part.at);
      std::sort(from, to, [](const Item& a, const Item& b) { return a.characters < b.characters; });
      while (from != to) {
        auto end = from + 1;
        while (end != to && end->characters == from->characters) ++end;
        if (end - from > 1 && from->characters & 0xff)
          parts.push_back({static_cast<uint32_t>(from - items.begin()),
                           static_cast<uint32_t>(end - items.begin()), part.at + 8});
        else if (end - from > 1)
          std::sort(from, end, [&](const Item& a, const Item& b) {
            uint32_t first = entries_[a.entry].priority, second = entries_[b.entry].priority;
            return first != second ? first < second : a.entry > b.entry;
          });
        from = end;
      }
    }
    std::vector<IndexEntry> sorted;
    sorted.reserve(items.size());
    for (const Item& item : items) sorted.push_back(entries_[item.entry]);
    entries_ = std::move(sorted);
  }

  static uint64_t eight_of(std::string_view key, size_t at) {
    uint64_t characters = 0;
    if (at < key.size())
      std::memcpy(&characters, key.data() + at, std::min<size_t>(8, key.size() - at));
    return __builtin_bswap64(characters);
  }

  // A node that is being written: entries_[begin, end) have its key before them, of `key` bytes.
  struct Range {
    size_t begin, end;
    size_t prefix, key;    // where its prefix begins in the key, and where it ends
    size_t next;           // first entry that is in no child yet
    size_t children_from;  // in children_
  };
  struct Child {
    unsigned char character;
    uint32_t reference;
  };

  Range open(size_t begin, size_t end, size_t prefix) const {
    std::string_view first = entries_[begin].key, last = entries_[end - 1].key;
    size_t key = prefix;
    while (key < first.size() && key < last.size() && first[key] == last[key]) key++;
    return range(begin, end, prefix, key);
  }

  // The entries with just this key are the node's values and come first.
  Range range(size_t begin, size_t end, size_t prefix, size_t key) const {
    size_t next = begin;
    while (next < end && entries_[next].key.size() == key) next++;
    return {begin, end, prefix, key, next, children_.size()};
  }

  uint32_t write_nodes() {
    std::vector<Range> stack = {range(0, entries_.size(), 0, 0)};
    while (true) {
      Range& node = stack.back();
      if (node.next < node.end) {
        size_t begin = node.next, end = begin + 1, at = node.key;
        char c = entries_[begin].key[at];
        while (end < node.end && entries_[end].key[at] == c) end++;
        node.next = end;
        children_.push_back({static_cast<unsigned char>(c), 0});
        stack.push_back(open(begin, end, at + 1));
        continue;
      }
      uint32_t reference = write_node(node);
      children_.resize(node.children_from);
      stack.pop_back();
      if (stack.empty()) return reference;
      children_.back().reference = reference;
    }
  }

  uint32_t write_node(const Range& node) {
    uint32_t reference = static_cast<uint32_t>(out_.size());
    if (node.key > node.prefix) {
      out_.append(entries_[node.begin].key.substr(node.prefix, node.key - node.prefix));
      out_.push_back('\0');
      reference |= IndexFormat::kPrefix;
    }
    if (children_.size() > node.children_from) {
      write_children(node.children_from);
      reference |= IndexFormat::kChildren;
    }
    size_t values_end = node.begin;
    while (values_end < node.end && entries_[values_end].key.size() == node.key) values_end++;
    if (values_end > node.begin) {
      number(static_cast<uint32_t>(values_end - node.begin));
      for (size_t i = node.begin; i < values_end; i++) {
        number(entries_[i].priority);
        out_.append(entries_[i].value);
        out_.push_back('\0');
      }
      reference |= IndexFormat::kValues;
    }
    return reference;
  }

  void write_children(size_t from) {
    unsigned first = children_[from].character, last = children_.back().character;
    out_.push_back(static_cast<char>(first));
    out_.push_back(static_cast<char>(last));
    size_t table = out_.size();
    out_.resize(table + 4 * (last - first + 1));
    for (size_t i = from; i < children_.size(); i++)
      put_number(table + 4 * (children_[i].character - first), children_[i].reference);
  }

  void put_number(size_t at, uint32_t value) {
    for (int byte = 0; byte < 4; byte++)
      out_[at + byte] = static_cast<char>(value >> (24 - 8 * byte));
  }
  void number(uint32_t value) {
    out_.resize(out_.size() + 4);
    put_number(out_.size() - 4, value);
  }

  std::vector<IndexEntry> entries_;
  std::vector<Child> children_;
  std::string out_;
};

}  // namespace

Result<std::string> build_binary_index(std::vector<IndexEntry> entries) {
  return Writer(std::move(entries)).write();
}

}  // namespace ring3::index
