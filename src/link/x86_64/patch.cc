// SPDX-License-Identifier: GPL-2.0-only
// Placeholder body; see x86_64/.
#include "link/linker.h"

namespace ring3::link {

Result<void> Linker::patch() { return {}; }

}  // namespace ring3::link
