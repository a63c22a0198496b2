// SPDX-License-Identifier: GPL-2.0-only
#include "index/depmod_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/text.h"
#include "host/file.h"
#include "host/folder_walk.h"
#include "index/depmod_order.h"
#include "index/module_names.h"

namespace ring3::index {
namespace {

// "kernel/fs/xfs.ko.zst": "kernel/fs/xfs", what depmod.d speaks of.
std::string_view stem(std::string_view path) {
  path = without_packing(path);
  if (path.ends_with(".ko")) path.remove_suffix(3);
  return path;
}

Error cannot_open(const std::string& folder, const Error& error) {
  return Error{error.code,
               fmt::format("could not open directory {}: {}", folder, std::strerror(error.code))};
}

}  // namespace

std::string_view ModuleTree::relative(std::string_view path) const {
  if (path.size() > folder_.size() && path.starts_with(folder_) && path[folder_.size()] == '/')
    return path.substr(folder_.size() + 1);
  return path;
}

void ModuleTree::add(std::string path) {
  TreeModule module;
  module.name = module_name_of(path);
  module.relative = path.size() - relative(path).size();
  module.path = std::move(path);
  auto [place, is_new] = by_name_.emplace(module.name, modules_.size());
  if (is_new)
    modules_.push_back(std::move(module));
  else if (config_.replaces(stem(module.shown()), stem(modules_[place->second].shown())))
    modules_[place->second] = std::move(module);
}

Result<void> ModuleTree::find_all() {
  Result<void> found = find_below(folder_);
  if (!found) {
    log_.error(cannot_open(folder_, found.error()).text);
    return found;
  }
  for (const std::string& folder : config_.externals) {
    found = find_below(folder);
    if (!found) log_.error(cannot_open(folder, found.error()).text);
  }
  return {};
}

// Depth first, each subfolder where readdir has it: of two equally important files the first one
// found stays.
Result<void> ModuleTree::find_below(const std::string& folder) {
  std::vector<std::pair<std::string, host::EntryKind>> entries;
  TRY(host::for_each_entry(folder, [&](std::string_view name, host::EntryKind kind) {
    if (kind == host::EntryKind::Broken)
      log_.error(fmt::format("could not stat {}/{}: {}", folder, name, std::strerror(errno)));
    else if (kind == host::EntryKind::Folder
                 ? !config_.excludes_folder(name)
                 : kind == host::EntryKind::File && is_module_file(name))
      entries.emplace_back(fmt::format("{}/{}", folder, name), kind);
  }));
  for (auto& [path, kind] : entries) {
    if (kind == host::EntryKind::File) {
      add(std::move(path));
      continue;
    }
    Result<void> below = find_below(path);
    if (!below) log_.error(cannot_open(path, below.error()).text);
  }
  return {};
}

void ModuleTree::sort() {
  constexpr int64_t kNotNamed = INT64_MAX;
  struct Place {
    int64_t line;
    HashOrder hash;
    uint32_t module;
  };
  std::vector<Place> places;
  std::unordered_map<std::string_view, uint32_t> by_path;
  for (uint32_t i = 0; i < modules_.size(); i++) {
    places.push_back({kNotNamed, HashOrder(modules_[i].name, kModuleBuckets), i});
    by_path.emplace(without_packing(modules_[i].shown()), i);
  }
  std::string file = folder_ + "/modules.order";
  auto text = host::read_file(file);
  if (!text) {
    log_.warning(fmt::format("could not open modules.order at {}: {}", folder_,
                             std::strerror(text.error().code)));
  } else if (!text->empty() && text->back() != std::byte{'\n'}) {
    // Half a line is half a file.
    auto lines = std::count(text->begin(), text->end(), std::byte{'\n'}) + 1;
    log_.error(fmt::format("{}:{} corrupted line misses '\\n'", file, lines));
  } else {
    int64_t number = 0;
    for_each_line(as_text(*text), [&](std::string_view line) {
      number++;
      auto found = by_path.find(line);
      if (found != by_path.end()) places[found->second].line = number;
    });
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.line != b.line ? a.line < b.line : a.hash < b.hash;
  });
  std::vector<TreeModule> sorted;
  sorted.reserve(modules_.size());
  for (const Place& place : places) sorted.push_back(std::move(modules_[place.module]));
  modules_ = std::move(sorted);
  by_name_.clear();
}

Result<bool> newer_than_dep(const std::string& folder, const std::string& dep_file,
                            const DepmodConfig& config) {
  host::FileInfo dep = host::stat_file(dep_file);
  if (!dep.exists) return true;
  std::vector<std::string> folders = {folder};
  while (!folders.empty()) {
    std::string here = std::move(folders.back());
    folders.pop_back();
    bool newer = false;
    TRY(host::for_each_entry(here, [&](std::string_view name, host::EntryKind kind) {
      std::string path = fmt::format("{}/{}", here, name);
      if (kind == host::EntryKind::Folder) {
        if (!config.excludes_folder(name)) folders.push_back(std::move(path));
      } else if (!newer && is_module_file(name)) {
        newer = host::stat_file(path).mtime_ns > dep.mtime_ns;
      }
    }));
    if (newer) return true;
  }
  return false;
}

}  // namespace ring3::index
