// SPDX-License-Identifier: GPL-2.0-only
// The last source of BTF: a module source that includes the headers modules use widely, compiled by
// the target's own Kbuild with all of its types kept, and turned into BTF by pahole. It knows every
// struct that those headers define, laid out as a module built against them sees it.
#pragma once

#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "target/kernel_tree.h"

namespace ring3::target {

// Raw BTF. Errors name the tool that is missing or the compiler's first complaint.
Result<std::vector<std::byte>> build_probe(KernelTree& tree, Diagnostics& diagnostics);

}  // namespace ring3::target
