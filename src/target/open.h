// SPDX-License-Identifier: GPL-2.0-only
// Target::open with the places named, for tests that bring their own folders.
#pragma once

#include "target/kernel_tree.h"
#include "target/target.h"

namespace ring3::target {

// Where what was resolved is kept: `cache_dir`, as in OpenOptions, or the user's folder.
std::string cache_folder(const std::string& cache_dir);

Result<std::unique_ptr<Target>> open_target(const OpenOptions& options, const Places& places,
                                            Diagnostics& diagnostics);

}  // namespace ring3::target
