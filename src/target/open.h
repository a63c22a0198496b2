// SPDX-License-Identifier: GPL-2.0-only
// Target::open with the places named, for tests that bring their own folders.
#pragma once

#include "target/kernel_tree.h"
#include "target/target.h"

namespace ring3::target {

Result<std::unique_ptr<Target>> open_target(const OpenOptions& options, const Places& places,
                                            Diagnostics& diagnostics);

}  // namespace ring3::target
