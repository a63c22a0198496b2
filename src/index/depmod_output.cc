// SPDX-License-Identifier: GPL-2.0-only
#include "index/depmod_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "index/module_names.h"

namespace ring3::index {
namespace {

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

// "HEADER\nWORD MODULE VALUE\n..." for all tags of one kind.
std::string make_tags(const DepmodInput& input, Tag::Kind kind, std::string_view header,
                      std::string_view word) {
  std::string out(header);
  for (size_t i = 0; i < input.modules.size(); i++)
    input.contents.for_each_tag(i, [&](const Tag& tag) {
      if (tag.kind != kind) return;
      out.append(word).append(" ").append(input.modules[i].name);
      out.append(" ").append(tag.value).append("\n");
    });
  return out;
}

}  // namespace

std::string make_trie(std::vector<IndexEntry> entries, const char* what, const DepmodInput& input,
                      DepmodNotes& notes) {
  std::erase_if(entries, [&](const IndexEntry& entry) {
    if (is_ascii(entry.key)) return false;
    notes.warning(
        fmt::format("{} '{}' is not ASCII: left out of the binary index", what, entry.key));
    return true;
  });
  if (input.warn_duplicates) {
    std::unordered_set<std::string> seen;
    for (const IndexEntry& entry : entries)
      if (!seen.insert(fmt::format("{}\n{}", entry.key, entry.value)).second)
        notes.warning(fmt::format("duplicate {}:\n{} {}", what, entry.key, entry.value));
  }
  Result<std::string> trie = build_binary_index(std::move(entries));
  if (trie) return trie.take();
  notes.error(trie.error().text);
  return "";
}

DepmodFile make_dep(const DepmodInput& input, bool trie, DepmodNotes& notes) {
  DepmodFile file;
  Dependencies::Seen seen;
  std::vector<size_t> ends;  // of the lines, without their newlines
  ends.reserve(input.modules.size());
  file.text.reserve(input.modules.size() * 160);
  for (uint32_t i = 0; i < input.modules.size(); i++) {
    file.text.append(input.modules[i].shown()).push_back(':');
    for (uint32_t other : input.dependencies.all_of(i, seen))
      file.text.append(" ").append(input.modules[other].shown());
    ends.push_back(file.text.size());
    file.text.push_back('\n');
  }
  if (!trie) return file;
  std::vector<IndexEntry> entries;
  entries.reserve(ends.size());
  size_t begin = 0;
  for (uint32_t i = 0; i < ends.size(); begin = ends[i++] + 1)
    entries.push_back(
        {input.modules[i].name, std::string_view(file.text).substr(begin, ends[i] - begin), i});
  file.trie = make_trie(std::move(entries), "module deps", input, notes);
  return file;
}

std::string make_aliases(const DepmodInput& input) {
  std::string out = "# Aliases extracted from modules themselves.\n";
  size_t size = out.size();
  for (size_t i = 0; i < input.modules.size(); i++)
    input.contents.for_each_tag(
        i, [&](const Tag& tag) { size += tag.value.size() + input.modules[i].name.size() + 8; });
  out.reserve(size);
  for (size_t i = 0; i < input.modules.size(); i++)
    input.contents.for_each_tag(i, [&](const Tag& tag) {
      if (tag.kind != Tag::Alias) return;
      out.append("alias ").append(tag.value).append(" ");
      out.append(input.modules[i].name).append("\n");
    });
  return out;
}

std::string make_alias_trie(const DepmodInput& input, DepmodNotes& notes) {
  std::vector<IndexEntry> entries;
  entries.reserve(input.contents.tag_count());
  Arena keys;
  for (uint32_t i = 0; i < input.modules.size(); i++)
    input.contents.for_each_tag(i, [&](const Tag& tag) {
      if (tag.kind != Tag::Alias) return;
      std::string_view key = tag.value;
      if (key.find_first_of("-[]") != std::string_view::npos) {
        auto normal = normalized_alias(key);
        if (!normal) return notes.warning(fmt::format("Unmatched bracket in {}", key));
        key = keys.copy(*normal);
      }
      entries.push_back({key, input.modules[i].name, i});
    });
  return make_trie(std::move(entries), "module alias", input, notes);
}

std::string make_softdeps(const DepmodInput& input) {
  return make_tags(input, Tag::SoftDependency,
                   "# Soft dependencies extracted from modules themselves.\n", "softdep");
}

std::string make_weakdeps(const DepmodInput& input) {
  return make_tags(input, Tag::WeakDependency,
                   "# Weak dependencies extracted from modules themselves.\n", "weakdep");
}

DepmodFile make_symbols(const DepmodInput& input, bool trie, DepmodNotes& notes) {
  constexpr std::string_view kAlias = "alias ", kKey = "symbol:";
  DepmodFile file;
  file.text = "# Aliases for symbols, used by symbol_request().\n";
  struct Line {
    size_t key, size;  // in the text
    uint32_t owner;
  };
  std::vector<Line> lines;
  std::vector<uint32_t> order = input.symbols.in_order();
  lines.reserve(order.size());
  file.text.reserve(order.size() * 64);
  for (uint32_t symbol : order) {
    uint32_t owner = input.symbols.symbol(symbol).owner;
    file.text.append(kAlias);
    size_t key = file.text.size();
    file.text.append(kKey).append(input.symbols.name(symbol));
    lines.push_back({key, file.text.size() - key, owner});
    file.text.append(" ").append(input.modules[owner].name).append("\n");
  }
  if (!trie) return file;
  std::vector<IndexEntry> entries;
  entries.reserve(lines.size());
  for (const Line& line : lines)
    entries.push_back({std::string_view(file.text).substr(line.key, line.size),
                       input.modules[line.owner].name, line.owner});
  file.trie = make_trie(std::move(entries), "module symbol", input, notes);
  return file;
}

}  // namespace ring3::index
