// SPDX-License-Identifier: GPL-2.0-only
#include "index/config_files.h"

#include <fmt/format.h>

#include <map>

#include "host/file.h"
#include "host/folder.h"

namespace ring3::index {
namespace {

constexpr size_t kLargestFile = 64 << 20;

std::string last_part(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

bool is_config_name(const std::string& name) {
  if (name.starts_with('.') || name.size() < 6) return false;
  return name.ends_with(".conf") || (name.ends_with(".alias") && name.size() >= 6);
}

}  // namespace

std::vector<std::string> default_config_paths() {
  return {"/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
          "/lib/modprobe.d"};
}

std::vector<std::string> config_files(const std::vector<std::string>& paths,
                                      const std::string& folder, Diagnostics& diagnostics) {
  std::map<std::string, std::string> files;  // the first path of each name
  for (const char* name : {"modules.softdep", "modules.weakdep"})
    files.emplace(name, folder + "/" + name);
  for (const std::string& path : paths) {
    host::FileInfo info = host::stat_file(path);
    if (!info.exists) continue;
    if (!info.directory) {
      files.emplace(last_part(path), path);
      continue;
    }
    auto names = host::list_folder(path);
    if (!names) {
      diagnostics.warning(names.error().text);
      continue;
    }
    for (const std::string& name : *names) {
      if (!is_config_name(name) || files.contains(name)) continue;
      std::string file = fmt::format("{}/{}", path, name);
      if (host::stat_file(file).directory)
        diagnostics.warning("Directories inside directories are not supported: " + file);
      else
        files.emplace(name, std::move(file));
    }
  }
  std::vector<std::string> sorted;
  sorted.reserve(files.size());
  for (auto& [name, path] : files) sorted.push_back(std::move(path));
  return sorted;
}

Config read_config(const std::vector<std::string>& paths, const std::string& folder,
                   KernelInterface& kernel, Diagnostics& diagnostics) {
  Config config;
  for (const std::string& file : config_files(paths, folder, diagnostics)) {
    auto text = host::read_text(file, kLargestFile);
    if (text)
      parse_config(config, *text, file, diagnostics);
    else if (text.error().code != ENOENT)
      diagnostics.warning(text.error().text);
  }
  if (auto text = kernel.read_file("/proc/cmdline"))
    parse_command_line(config, *text, "/proc/cmdline", diagnostics);
  return config;
}

}  // namespace ring3::index
