// SPDX-License-Identifier: GPL-2.0-only
// Where the files of one target lie. A kernel's build folder (KDIR) holds what the build made:
// configuration, Module.symvers, generated headers. The headers themselves may be elsewhere: Debian
// splits them into linux-headers-X-common, which KDIR/Makefile includes; a build with O= leaves a
// `source` link. The image is /boot/vmlinuz-RELEASE.
//
// Every path that was asked for is noted, also those that did not exist: together they are the key
// under which the compiled target is cached.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ring3::target {

// The places outside KDIR; tests put their own folders here.
struct Places {
  std::string modules = "/lib/modules";
  std::string boot = "/boot";
  std::string running_btf = "/sys/kernel/btf/vmlinux";
  std::string running_notes = "/sys/kernel/notes";
  std::string running_release;  // uname -r
};
Places host_places();

class KernelTree {
 public:
  // `kdir` must exist; errors name the package that brings it.
  static Result<KernelTree> open(const Places& places, std::string kdir, std::string release);

  const Places& places() const { return places_; }
  const std::string& kdir() const { return kdir_; }
  const std::string& release() const { return release_; }
  std::string vmlinux() const { return kdir_ + "/vmlinux"; }
  std::string boot_image() const { return places_.boot + "/vmlinuz-" + release_; }

  // Notes `path` as an input of the target, then whether it is a file.
  bool uses(const std::string& path);
  // A whole text file, noted; nothing when there is none.
  std::optional<std::string> read(const std::string& path);
  // A header as `#include <name>` finds it from a module.
  std::optional<std::string> read_header(std::string_view name);

  const std::vector<std::string>& inputs() const { return inputs_; }

 private:
  explicit KernelTree(const Places& places) : places_(places) {}
  void find_header_folders();

  Places places_;
  std::string kdir_, release_;
  std::vector<std::string> header_folders_;
  std::vector<std::string> inputs_;
};

}  // namespace ring3::target
