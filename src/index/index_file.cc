// SPDX-License-Identifier: GPL-2.0-only
#include "index/index_file.h"

#include <algorithm>

#include "base/text.h"
#include "host/folder.h"
#include "index/module_names.h"
#include "index/names.h"

namespace ring3::index {
namespace {

const char* file_name(IndexKind kind) {
  switch (kind) {
    case IndexKind::kDep:
      return "modules.dep";
    case IndexKind::kAlias:
      return "modules.alias";
    case IndexKind::kSymbols:
      return "modules.symbols";
    case IndexKind::kBuiltin:
      return "modules.builtin";
    case IndexKind::kBuiltinAlias:
      return "modules.builtin.alias";
  }
  return "";
}

}  // namespace

std::vector<IndexEntry> parse_text_index(IndexKind kind, std::string_view text,
                                         std::vector<std::string>& keys) {
  struct Line {
    std::string key;
    std::string_view value;
  };
  std::vector<Line> lines;
  for_each_line(text, [&](std::string_view line) {
    if (line.empty() || line.front() == '#') return;
    if (kind == IndexKind::kDep) {
      size_t colon = line.find(':');
      if (colon != std::string_view::npos)
        lines.push_back({module_name_of(line.substr(0, colon)), line});
    } else if (kind == IndexKind::kBuiltin) {
      lines.push_back({module_name_of(line), {}});
    } else {
      std::string_view rest = line;
      if (take_field(rest, ' ') != "alias") return;
      auto key = normalized_alias(take_field(rest, ' '));
      if (key && !rest.empty()) lines.push_back({std::move(*key), rest});
    }
  });
  keys.reserve(keys.size() + lines.size());  // the views below point into its strings
  std::vector<IndexEntry> entries;
  for (Line& line : lines) {
    keys.push_back(std::move(line.key));
    entries.push_back({keys.back(), line.value, static_cast<uint32_t>(entries.size())});
  }
  return entries;
}

IndexFile::IndexFile(IndexKind kind, const std::string& folder, Diagnostics& diagnostics)
    : kind_(kind), path_(folder + "/" + file_name(kind)), diagnostics_(diagnostics) {}

void IndexFile::report(const Error& error) {
  diagnostics_.warning(error.text);
  binary_.reset();
}

void IndexFile::open() {
  if (opened_) return;
  opened_ = true;
  if (auto mapped = host::MappedFile::open(path_ + ".bin")) {
    mapped_ = mapped.take();
    // An empty file is an empty index, which is how depmod of old wrote one.
    if (mapped_->bytes().empty()) return;
    auto binary = BinaryIndex::parse(mapped_->bytes(), path_ + ".bin");
    if (binary) {
      binary_ = binary.take();
      return;
    }
    report(binary.error());
  }
  if (auto text = host::read_text(path_)) {
    text_ = text.take();
    entries_ = parse_text_index(kind_, text_, keys_);
  }
}

bool IndexFile::exists() {
  open();
  return binary_ || mapped_ || !entries_.empty();
}

std::optional<std::string_view> IndexFile::find(std::string_view key) {
  open();
  if (binary_) {
    auto values = binary_->find(key);
    if (!values) report(values.error());
    if (values && !values->empty()) return values->front().text;
    return std::nullopt;
  }
  for (const IndexEntry& entry : entries_)
    if (entry.key == key) return entry.value;
  return std::nullopt;
}

std::vector<std::string_view> IndexFile::match(std::string_view name) {
  open();
  std::vector<std::string_view> found;
  if (binary_) {
    auto values = binary_->match(name);
    if (!values) {
      report(values.error());
      return found;
    }
    for (const IndexValue& value : *values) found.push_back(value.text);
    return found;
  }
  std::string text(name);
  for (const IndexEntry& entry : entries_)
    if (matches(std::string(entry.key), text)) found.push_back(entry.value);
  return found;
}

void IndexFile::for_each(
    const std::function<void(std::string_view key, std::string_view value)>& visit) {
  open();
  if (binary_) {
    auto done = binary_->for_each(
        [&](std::string_view key, const IndexValue& value) { visit(key, value.text); });
    if (!done) report(done.error());
    return;
  }
  std::vector<const IndexEntry*> sorted;
  for (const IndexEntry& entry : entries_) sorted.push_back(&entry);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const IndexEntry* a, const IndexEntry* b) { return a->key < b->key; });
  for (const IndexEntry* entry : sorted) visit(entry->key, entry->value);
}

}  // namespace ring3::index
