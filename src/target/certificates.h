// SPDX-License-Identifier: GPL-2.0-only
// The certificates that were compiled into the target's kernel (certs/system_certificates.S): one
// run of DER certificates in its image, behind which the kernel has the run's length. Finding it
// means unpacking the kernel, so it is done when the first signed module is met, and cached.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "target/target.h"

namespace ring3::target {

// The run in an unpacked kernel; empty when there is none.
Bytes find_certificate_list(Bytes kernel);

// The run of the target's kernel image, certificate behind certificate. `cache_dir` as in
// OpenOptions.
Result<std::vector<std::byte>> builtin_certificates(const Target& target,
                                                    const std::string& cache_dir = {});

}  // namespace ring3::target
