// SPDX-License-Identifier: GPL-2.0-only
#include "index/depmod_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <iterator>

#include "base/bytes.h"
#include "base/text.h"
#include "host/file.h"
#include "host/parallel.h"
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

// Level by level, the folders of one level by all CPUs. The modules are then added as a walk in
// depth finds them, each subfolder where readdir has it: of two equally important files the first
// one stays.
Result<void> ModuleTree::find_all() {
  constexpr size_t kWorthThreads = 32;  // folders
  std::vector<Folder> folders;
  folders.push_back({folder_, {}, 0, {}});
  for (const std::string& folder : config_.externals) folders.push_back({folder, {}, 0, {}});
  uint32_t tops = static_cast<uint32_t>(folders.size());
  for (size_t begin = 0; begin < folders.size();) {
    size_t end = folders.size();
    std::atomic<size_t> next = begin;
    host::run_parallel(end - begin < kWorthThreads ? 1 : threads_, [&](unsigned) {
      for (size_t i = next++; i < end; i = next++) list(folders[i]);
    });
    std::vector<Folder> below;
    for (; begin < end; begin++)
      for (Entry& entry : folders[begin].entries) {
        if (entry.kind != host::EntryKind::Folder) continue;
        entry.folder = static_cast<uint32_t>(end + below.size());
        below.push_back({std::move(entry.path), {}, 0, {}});
      }
    std::move(below.begin(), below.end(), std::back_inserter(folders));
  }
  for (uint32_t top = 0; top < tops; top++) add_below(folders, top);
  if (folders[0].error) return Error{folders[0].error, ""};
  return {};
}

void ModuleTree::list(Folder& folder) const {
  Result<void> listed =
      host::for_each_entry(folder.path, [&](std::string_view name, host::EntryKind kind) {
        if (kind == host::EntryKind::Broken)
          folder.problems.push_back(
              fmt::format("could not stat {}/{}: {}", folder.path, name, std::strerror(errno)));
        if (kind == host::EntryKind::Folder ? !config_.excludes_folder(name)
                                            : kind == host::EntryKind::File && is_module_file(name))
          folder.entries.push_back({fmt::format("{}/{}", folder.path, name), kind, 0});
      });
  if (listed) return;
  folder.error = listed.error().code;
  folder.problems.push_back(
      fmt::format("could not open directory {}: {}", folder.path, std::strerror(folder.error)));
}

void ModuleTree::add_below(const std::vector<Folder>& folders, uint32_t top) {
  struct Place {
    uint32_t folder;
    size_t entry;
  };
  std::vector<Place> places = {{top, 0}};
  while (!places.empty()) {
    auto& [number, at] = places.back();
    const Folder& folder = folders[number];
    if (at == 0)
      for (const std::string& problem : folder.problems) log_.error(problem);
    if (at == folder.entries.size()) {
      places.pop_back();
      continue;
    }
    const Entry& entry = folder.entries[at++];
    if (entry.kind == host::EntryKind::Folder)
      places.push_back({entry.folder, 0});
    else
      add(entry.path);
  }
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
  by_path.reserve(modules_.size());
  places.reserve(modules_.size());
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

Result<bool> newer_than_dep(const std::string& folder, const std::string& dep_file) {
  const DepmodConfig excludes_nothing;
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
        if (!excludes_nothing.excludes_folder(name)) folders.push_back(std::move(path));
      } else if (!newer && is_module_file(name)) {
        newer = host::stat_file(path).mtime_ns > dep.mtime_ns;
      }
    }));
    if (newer) return true;
  }
  return false;
}

}  // namespace ring3::index
