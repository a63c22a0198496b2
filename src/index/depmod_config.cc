// SPDX-License-Identifier: GPL-2.0-only
#include "index/depmod_config.h"

#include <fmt/format.h>
#include <regex.h>

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "base/text.h"
#include "host/file.h"
#include "host/folder_walk.h"

namespace ring3::index {
namespace {

// From the most important to the least: a file hides those of the same name in later folders.
const std::vector<std::string> kFolders = {"/etc/depmod.d", "/run/depmod.d",
                                           "/usr/local/lib/depmod.d", "/usr/lib/depmod.d",
                                           "/lib/depmod.d"};

bool version_matches(std::string_view pattern, const std::string& version) {
  if (pattern == "*") return true;
  regex_t regex;
  if (::regcomp(&regex, std::string(pattern).c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
  bool matches = ::regexec(&regex, version.c_str(), 0, nullptr, 0) == 0;
  ::regfree(&regex);
  return matches;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    size_t end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

// Lies the file in the folder?
bool inside(std::string_view file, std::string_view folder) {
  return file.size() > folder.size() && file.starts_with(folder) && file[folder.size()] == '/';
}

}  // namespace

DepmodConfig DepmodConfig::load(const std::vector<std::string>& paths, const std::string& version,
                                DepmodLog& log) {
  std::map<std::string, std::string> files;  // by their names, in whose order they are read
  for (const std::string& path : paths.empty() ? kFolders : paths) {
    host::FileInfo info = host::stat_file(path);
    if (!info.exists) continue;
    if (!info.directory) {
      files.emplace(path.substr(path.rfind('/') + 1), path);
      continue;
    }
    Result<void> listed = host::for_each_entry(path, [&](std::string_view name, auto kind) {
      if (!name.starts_with('.') && name.ends_with(".conf") && kind == host::EntryKind::File)
        files.emplace(name, fmt::format("{}/{}", path, name));
    });
    if (!listed) log.error(listed.error().text);
  }
  DepmodConfig config;
  for (const auto& [name, path] : files) {
    auto text = host::read_file(path, 16 << 20);
    if (text)
      config.parse(as_text(*text), path, version, log);
    else
      log.error(text.error().text);
  }
  if (config.searches.empty())
    config.searches = {{Search::BuiltIn, ""}, {Search::Folder, "updates"}};
  return config;
}

void DepmodConfig::parse(std::string_view text, const std::string& file, const std::string& version,
                         DepmodLog& log) {
  unsigned number = 0;
  std::string line;
  for_each_line(text, [&](std::string_view part) {
    number++;
    if (part.ends_with('\\')) {
      line.append(part.substr(0, part.size() - 1));
      return;
    }
    line.append(part);
    std::string whole = std::move(line);
    line.clear();
    std::vector<std::string_view> words = words_of(whole);
    if (words.empty() || words[0].starts_with('#')) return;
    std::string_view command = words[0];
    auto first = words.begin() + 1;
    if (command == "search") {
      for (; first != words.end(); ++first) {
        Search search{*first == "built-in"   ? Search::BuiltIn
                      : *first == "external" ? Search::External
                                             : Search::Folder,
                      std::string(*first)};
        searches.insert(searches.begin(), std::move(search));
      }
    } else if (command == "override" && words.size() > 3) {
      if (version_matches(words[2], version))
        overrides.insert(overrides.begin(), fmt::format("{}/{}", words[3], words[1]));
    } else if (command == "external" && words.size() > 2) {
      if (!words[2].starts_with('/'))
        log.warning(fmt::format("{}:{}: the external folder '{}' is not absolute; ignored", file,
                                number, words[2]));
      else if (version_matches(words[1], version))
        externals.insert(externals.begin(), std::string(words[2]));
    } else if (command == "exclude") {
      excludes.insert(excludes.end(), first, words.end());
    } else if (command == "include" || command == "make_map_files") {
      log.warning(fmt::format("{}:{}: command {} is deprecated and has no effect; remove it", file,
                              number, command));
    } else {
      log.error(fmt::format("{}:{}: ignoring bad line starting with '{}'", file, number, command));
    }
  });
}

bool DepmodConfig::excludes_folder(std::string_view name) const {
  return name == "build" || name == "source" ||
         std::find(excludes.begin(), excludes.end(), name) != excludes.end();
}

bool DepmodConfig::replaces(std::string_view found, std::string_view before) const {
  for (const std::string& path : overrides) {
    if (path == found) return true;
    if (path == before) return false;
  }
  int built_in = -1, rank_found = -1, rank_before = -1, rank = 0;
  for (const Search& search : searches) {
    if (search.kind == Search::BuiltIn) {
      built_in = rank;
    } else if (search.kind == Search::External) {
      if (found.starts_with('/')) rank_found = rank;
      if (before.starts_with('/')) rank_before = rank;
    } else if (inside(found, search.folder)) {
      // As kmod has it: a folder that holds both counts for the newly found one only.
      rank_found = rank;
    } else if (inside(before, search.folder)) {
      rank_before = rank;
    }
    rank++;
  }
  return (rank_found < 0 ? built_in : rank_found) > (rank_before < 0 ? built_in : rank_before);
}

}  // namespace ring3::index
