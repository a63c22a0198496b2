// SPDX-License-Identifier: GPL-2.0-only
// The last source of BTF: a module source that includes the headers modules use widely, compiled by
// the target's own Kbuild with all of its types kept, and turned into BTF by pahole. It knows every
// struct that those headers define, laid out as a module built against them sees it; and, as a
// member of one struct each, the type of every export that those headers declare. What only .c
// files of the kernel define, it cannot know.
#pragma once

#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "target/kernel_tree.h"

namespace ring3::target {

// `typeof(&kfree) kfree;` and so on, for the exports.
inline constexpr std::string_view kProbeStruct = "ring3_probe_exports";

// Raw BTF. Errors name the tool that is missing or the compiler's first complaint.
Result<std::vector<std::byte>> build_probe(KernelTree& tree,
                                           const std::vector<std::string_view>& exports);

}  // namespace ring3::target
