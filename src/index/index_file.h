// SPDX-License-Identifier: GPL-2.0-only
// One index of a folder of modules, whichever form is there: the binary one, or, where that is
// missing or damaged, the text (which kmod does not read). Keys and values are the same in both.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "host/file.h"
#include "index/binary_index.h"

namespace ring3::index {

enum class IndexKind { kDep, kAlias, kSymbols, kBuiltin, kBuiltinAlias };

// The lines of a text index as entries, in the file's order: the priority is the line's number.
std::vector<IndexEntry> parse_text_index(IndexKind kind, std::string_view text,
                                         std::vector<std::string>& keys);

class IndexFile {
 public:
  // Opened when it is first asked. A damaged file is reported once.
  IndexFile(IndexKind kind, const std::string& folder, Diagnostics& diagnostics);
  IndexFile(const IndexFile&) = delete;
  IndexFile& operator=(const IndexFile&) = delete;

  bool exists();
  // The first value of this key.
  std::optional<std::string_view> find(std::string_view key);
  // The values of all patterns that match.
  std::vector<std::string_view> match(std::string_view name);
  void for_each(const std::function<void(std::string_view key, std::string_view value)>& visit);

 private:
  void open();
  void report(const Error& error);

  IndexKind kind_;
  std::string path_;  // of the text
  Diagnostics& diagnostics_;
  bool opened_ = false;
  std::optional<host::MappedFile> mapped_;
  std::optional<BinaryIndex> binary_;
  std::string text_;
  std::vector<std::string> keys_;    // that the text has in another spelling
  std::vector<IndexEntry> entries_;  // of the text
};

}  // namespace ring3::index
