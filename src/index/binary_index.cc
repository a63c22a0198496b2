// SPDX-License-Identifier: GPL-2.0-only
// Reading the trie. The file may be hostile: its nodes may overlap, form circles or share children.
// A look-up of one key ends with the key. A walk over all nodes counts the bytes that it has read:
// nodes of a true tree do not overlap, so more bytes than the file has is damage. No walk recurses.
#include "index/binary_index.h"

#include <fmt/format.h>

#include "host/pattern.h"

namespace ring3::index {
namespace {

// Longer keys are damage; Linux's aliases have at most a few hundred characters.
constexpr size_t kLongestKey = 1 << 20;

bool is_wildcard(char c) { return c == '*' || c == '?' || c == '['; }

void add_by_priority(std::vector<IndexValue>& found, const IndexValue& value) {
  auto place = found.end();
  while (place != found.begin() && (place - 1)->priority >= value.priority) --place;
  found.insert(place, value);
}

}  // namespace

Error BinaryIndex::damaged(uint32_t offset, const char* what) const {
  return Error{EINVAL, fmt::format("'{}': damaged near byte {}: {}; run depmod to write it again",
                                   name_, offset, what)};
}

uint32_t BinaryIndex::number(uint64_t offset) const {
  const unsigned char* at = reinterpret_cast<const unsigned char*>(bytes_.data()) + offset;
  return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3];
}

Result<BinaryIndex> BinaryIndex::parse(Bytes bytes, std::string name) {
  BinaryIndex index(bytes, std::move(name));
  if (bytes.size() < IndexFormat::kHeader) return index.damaged(0, "shorter than its header");
  if (index.number(0) != IndexFormat::kMagic)
    return index.damaged(0, "not an index of modules (its magic number is another)");
  if (index.number(4) >> 16 != IndexFormat::kVersion >> 16)
    return Error{EINVAL,
                 fmt::format("'{}': format {}.{} is not known; run depmod to write it again",
                             index.name_, index.number(4) >> 16, index.number(4) & 0xffff)};
  index.root_ = index.number(8);
  TRY(index.node(index.root_));
  return index;
}

Result<BinaryIndex::Node> BinaryIndex::node(uint32_t reference) const {
  Node node;
  uint64_t at = node.offset = reference & IndexFormat::kOffset;
  if (at < IndexFormat::kHeader || at > bytes_.size())
    return damaged(node.offset, "a node outside the file");
  if (reference & IndexFormat::kPrefix) {
    auto prefix = string_at(bytes_, at);
    if (!prefix) return damaged(node.offset, "a prefix without end");
    node.prefix = *prefix;
    at += prefix->size() + 1;
  }
  if (reference & IndexFormat::kChildren) {
    auto range = slice(bytes_, at, 2);
    if (!range) return damaged(node.offset, "the file ends in a node");
    node.first = static_cast<unsigned>((*range)[0]);
    node.last = static_cast<unsigned>((*range)[1]);
    if (node.first > node.last) return damaged(node.offset, "its last child is before its first");
    node.children = static_cast<uint32_t>(at + 2);
    at += 2 + uint64_t{4} * (node.last - node.first + 1);
    if (at > bytes_.size()) return damaged(node.offset, "the file ends in a node's children");
  }
  if (reference & IndexFormat::kValues) {
    if (!slice(bytes_, at, 4)) return damaged(node.offset, "the file ends in a node");
    node.values = static_cast<uint32_t>(at);
  }
  return node;
}

uint32_t BinaryIndex::child(const Node& node, unsigned character) const {
  if (character < node.first || character > node.last) return 0;
  uint32_t reference = number(node.children + uint64_t{4} * (character - node.first));
  return reference & IndexFormat::kOffset ? reference : 0;
}

// Calls fn(value) for each value of a node.
template <class Fn>
Result<void> BinaryIndex::values(const Node& node, Fn&& fn) const {
  if (!node.values) return {};
  uint64_t at = node.values + 4;
  for (uint32_t left = number(node.values); left; left--) {
    if (!slice(bytes_, at, 4)) return damaged(node.offset, "the file ends in a node's values");
    auto text = string_at(bytes_, at + 4);
    if (!text) return damaged(node.offset, "a value without end");
    fn(IndexValue{number(at), *text});
    at += 4 + text->size() + 1;
  }
  return {};
}

Result<std::vector<IndexValue>> BinaryIndex::find(std::string_view key) const {
  std::vector<IndexValue> found;
  uint32_t reference = root_;
  while (true) {
    Node here = TRY(node(reference));
    if (!key.starts_with(here.prefix)) return found;
    key.remove_prefix(here.prefix.size());
    if (key.empty()) {
      TRY(values(here, [&](const IndexValue& value) { found.push_back(value); }));
      return found;
    }
    reference = child(here, static_cast<unsigned char>(key[0]));
    if (!reference) return found;
    key.remove_prefix(1);
  }
}

// Calls fn(key, value) for the values of `start` and of all nodes below it. `key` is that of the
// start without its prefix.
template <class Fn>
Result<void> BinaryIndex::below(const Node& start, std::string key, Fn&& fn) const {
  struct Level {
    Node node;
    size_t key_size;  // with its prefix
    unsigned next;    // child
  };
  std::vector<Level> levels;
  uint64_t read = 0;
  // Shows a node's values and puts it on the stack; the key ends in the character that chose it.
  auto enter = [&](const Node& node) -> Result<void> {
    key += node.prefix;
    read += node.prefix.size() + 1 + (node.last + 1 - node.first) * uint64_t{4};
    TRY(values(node, [&](const IndexValue& value) {
      read += value.text.size() + 5;
      fn(key, value);
    }));
    if (read > bytes_.size() + 1) return damaged(node.offset, "nodes overlap");
    if (key.size() > kLongestKey) return damaged(node.offset, "its key is too long");
    levels.push_back({node, key.size(), node.first});
    return {};
  };
  TRY(enter(start));
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.next > level.node.last) {
      levels.pop_back();
      continue;
    }
    unsigned character = level.next++;
    uint32_t reference = child(level.node, character);
    if (!reference) continue;
    key.resize(level.key_size);
    key.push_back(static_cast<char>(character));
    TRY(enter(TRY(node(reference))));
  }
  return {};
}

Result<void> BinaryIndex::for_each(const Visitor& visit) const {
  return below(TRY(node(root_)), "", visit);
}

// `pattern` is what of the key stands before the node, from its first wildcard on; `rest` what of
// the name it has to match.
Result<void> BinaryIndex::match_below(const Node& start, std::string pattern, std::string_view rest,
                                      std::vector<IndexValue>& found) const {
  std::string text(rest);
  std::string last;
  bool matches = false;
  return below(start, std::move(pattern), [&](const std::string& key, const IndexValue& value) {
    if (key != last) {
      matches = host::matches_pattern(key, text);
      last = key;
    }
    if (matches) add_by_priority(found, value);
  });
}

Result<std::vector<IndexValue>> BinaryIndex::match(std::string_view name) const {
  std::vector<IndexValue> found;
  uint32_t reference = root_;
  while (true) {
    Node here = TRY(node(reference));
    for (size_t i = 0; i < here.prefix.size(); i++) {
      if (is_wildcard(here.prefix[i])) {
        here.prefix.remove_prefix(i);
        TRY(match_below(here, "", name.substr(i), found));
        return found;
      }
      if (i >= name.size() || here.prefix[i] != name[i]) return found;
    }
    name.remove_prefix(here.prefix.size());
    for (char wildcard : {'*', '?', '['})
      if (uint32_t below_it = child(here, static_cast<unsigned char>(wildcard)))
        TRY(match_below(TRY(node(below_it)), std::string(1, wildcard), name, found));
    if (name.empty()) {
      TRY(values(here, [&](const IndexValue& value) { add_by_priority(found, value); }));
      return found;
    }
    reference = child(here, static_cast<unsigned char>(name[0]));
    if (!reference) return found;
    // A wildcard of the name's own has been looked at above.
    if (is_wildcard(name[0])) return found;
    name.remove_prefix(1);
  }
}

}  // namespace ring3::index
