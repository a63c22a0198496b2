// SPDX-License-Identifier: GPL-2.0-only
// The files that depmod writes, each from what the other steps found. The texts are kmod's, line by
// line; the binary ones are the same as tries.
#pragma once

#include <string>
#include <vector>

#include "index/binary_index.h"
#include "index/depmod_contents.h"
#include "index/depmod_dependencies.h"
#include "index/depmod_symbols.h"
#include "index/depmod_tree.h"

namespace ring3::index {

struct DepmodInput {
  const std::vector<TreeModule>& modules;
  const Contents& contents;
  const Symbols& symbols;
  const Dependencies& dependencies;
  const std::string& folder;  // with modules.builtin and modules.builtin.modinfo
  bool warn_duplicates = false;
};

// Messages of a step that runs beside others: they are shown afterwards.
struct DepmodNotes {
  struct Note {
    bool error;
    std::string text;
  };
  std::vector<Note> notes;
  void warning(std::string text) { notes.push_back({false, std::move(text)}); }
  void error(std::string text) { notes.push_back({true, std::move(text)}); }
};

// A text and, where `trie` is asked for, the same as a trie.
struct DepmodFile {
  std::string text, trie;
};

DepmodFile make_dep(const DepmodInput& input, bool trie, DepmodNotes& notes);
DepmodFile make_symbols(const DepmodInput& input, bool trie, DepmodNotes& notes);
std::string make_aliases(const DepmodInput& input);
std::string make_alias_trie(const DepmodInput& input, DepmodNotes& notes);
std::string make_softdeps(const DepmodInput& input);
std::string make_weakdeps(const DepmodInput& input);
std::string make_devnames(const DepmodInput& input, DepmodNotes& notes);
std::string make_builtin_trie(const DepmodInput& input, DepmodNotes& notes);
std::string make_builtin_alias_trie(const DepmodInput& input, DepmodNotes& notes);

// The trie of these entries. Keys that no trie may have are left out with a note. `what` is what
// -w calls an entry that is there twice.
std::string make_trie(std::vector<IndexEntry> entries, const char* what, const DepmodInput& input,
                      DepmodNotes& notes);

}  // namespace ring3::index
