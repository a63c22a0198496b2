// SPDX-License-Identifier: GPL-2.0-only
// The four places that may have a target's BTF, tried in order (DESIGN section 3). All of them
// count as inputs of the target, also the ones that were not there: when a better one appears, the
// target is compiled again.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "target/btf.h"
#include "target/kernel_tree.h"

namespace ring3::target {

struct FoundBtf {
  std::unique_ptr<Btf> btf;
  std::string source;              // "boot image: /boot/vmlinuz-..."
  std::string boot_image_version;  // when the boot image was read
  std::set<std::string> builtin;   // names_with_parameters, likewise
};
// `exports`: vmlinux's, whose prototypes the probe asks the headers for. When none works the error
// tells every attempt, and which packages help.
Result<FoundBtf> find_btf(KernelTree& tree, const std::vector<std::string_view>& exports,
                          Diagnostics& diagnostics);

}  // namespace ring3::target
