// SPDX-License-Identifier: GPL-2.0-only
// The list of patches. Each is in a file of its own and none is needed to run.
#include "link/linker.h"

namespace ring3::link {

Result<void> Linker::patch() { return {}; }

}  // namespace ring3::link
