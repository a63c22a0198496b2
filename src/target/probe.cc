// SPDX-License-Identifier: GPL-2.0-only
#include "target/probe.h"

#include <fmt/format.h>

namespace ring3::target {

Result<std::vector<std::byte>> build_probe(KernelTree& tree, Diagnostics& diagnostics) {
  return Error{ENOSYS, fmt::format("{}: the probe build is not written yet", tree.kdir())};
}

}  // namespace ring3::target
