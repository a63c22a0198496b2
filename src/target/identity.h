// SPDX-License-Identifier: GPL-2.0-only
// What the headers of a target say besides types: the version magic that its modules must carry,
// the banner, and the numbers of X86_FEATURE_* and X86_BUG_*. All are read from the target's own
// headers (target/macros.h): their lists differ between kernels.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "target/config.h"
#include "target/kernel_tree.h"

namespace ring3::target {

// "6.1.0-56-amd64 SMP preempt mod_unload modversions ", trailing space included.
std::string read_vermagic(KernelTree& tree, const Config& config, Diagnostics& diagnostics);

// "RELEASE UTS_VERSION", as an oops prints it; only the release when the version is unknown.
// `boot_image_version` is the text in the boot image's header, or empty.
std::string read_banner(KernelTree& tree, const Config& config,
                        std::string_view boot_image_version);

struct CpuFeature {
  std::string name;  // with its X86_FEATURE_ or X86_BUG_
  uint32_t number;   // word * 32 + bit
};
std::vector<CpuFeature> read_cpu_features(KernelTree& tree, const Config& config,
                                          Diagnostics& diagnostics);

}  // namespace ring3::target
