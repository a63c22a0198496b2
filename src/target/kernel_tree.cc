// SPDX-License-Identifier: GPL-2.0-only
#include "target/kernel_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/text.h"
#include "host/file.h"

namespace ring3::target {
namespace {

std::string_view trimmed(std::string_view text) {
  size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// The text between the first two quotes behind `#define name`.
std::string quoted_define(std::string_view text, std::string_view name) {
  std::string value;
  for_each_line(text, [&](std::string_view line) {
    if (!line.starts_with("#define ")) return;
    line = trimmed(line.substr(8));
    if (!line.starts_with(name)) return;
    line = trimmed(line.substr(name.size()));
    if (line.size() >= 2 && line.front() == '"') value = line.substr(1, line.find('"', 1) - 1);
  });
  return value;
}

}  // namespace

Places host_places() {
  Places places;
  places.running_release = host::running_release();
  return places;
}

Result<KernelTree> KernelTree::open(const Places& places, std::string kdir, std::string release) {
  if (kdir.empty() && release.empty())
    return Error{EINVAL, "no target: give a kernel build folder (KDIR) or a release"};
  KernelTree tree(places);
  if (kdir.empty()) kdir = places.modules + "/" + release + "/build";
  if (!host::stat_file(kdir).directory) {
    std::string package = release.empty() ? "linux-headers-RELEASE" : "linux-headers-" + release;
    return Error{ENOENT, fmt::format("there is no kernel build folder '{}'; install the package {}",
                                     kdir, package)};
  }
  tree.kdir_ = host::absolute_path(kdir);

  // utsrelease.h is what modules are compiled with. include/config/kernel.release is usually the
  // same, but Debian's linux-headers-6.1.0-* say 6.1.192 there.
  std::string found;
  if (auto text = tree.read(tree.kdir_ + "/include/generated/utsrelease.h"))
    found = quoted_define(*text, "UTS_RELEASE");
  if (found.empty())
    if (auto text = tree.read(tree.kdir_ + "/include/config/kernel.release"))
      found = trimmed(*text);
  if (found.empty())
    return Error{ENOENT,
                 fmt::format("'{}' names no kernel release (include/generated/utsrelease.h, "
                             "include/config/kernel.release); it is not the folder of a "
                             "built kernel. Install a linux-headers package or run "
                             "'make modules_prepare' there",
                             kdir)};
  if (!release.empty() && release != found)
    return Error{EINVAL,
                 fmt::format("'{}' is the build folder of {}, not of {}", kdir, found, release)};
  tree.release_ = std::move(found);
  tree.find_header_folders();
  return tree;
}

void KernelTree::find_header_folders() {
  std::vector<std::string> sources;
  if (auto makefile = read(kdir_ + "/Makefile")) {
    // Debian: "include /usr/src/linux-headers-X-common/Makefile". A kernel's own Makefile includes
    // only paths with variables in them.
    for_each_line(*makefile, [&](std::string_view line) {
      if (!line.starts_with("include /")) return;
      line = trimmed(line.substr(8));
      if (line.ends_with("/Makefile") && line.find('$') == std::string_view::npos)
        sources.emplace_back(line.substr(0, line.size() - 9));
    });
  }
  sources.push_back(kdir_ + "/source");
  sources.push_back(kdir_);
  sources.push_back(places_.modules + "/" + release_ + "/source");
  // The order of the kernel's own -I list.
  for (const std::string& source : sources) {
    header_folders_.push_back(source + "/arch/x86/include");
    if (source == sources.front()) header_folders_.push_back(kdir_ + "/arch/x86/include/generated");
    header_folders_.push_back(source + "/include");
  }
}

bool KernelTree::uses(const std::string& path) {
  if (std::find(inputs_.begin(), inputs_.end(), path) == inputs_.end()) inputs_.push_back(path);
  host::FileInfo info = host::stat_file(path);
  return info.exists && !info.directory;
}

std::optional<std::string> KernelTree::read(const std::string& path) {
  if (!uses(path)) return std::nullopt;
  auto content = host::read_file(path, 64 << 20);
  if (!content) return std::nullopt;
  return std::string(as_text(*content));
}

std::optional<std::string> KernelTree::read_header(std::string_view name) {
  for (const std::string& folder : header_folders_)
    if (auto text = read(fmt::format("{}/{}", folder, name))) return text;
  return std::nullopt;
}

}  // namespace ring3::target
