// SPDX-License-Identifier: GPL-2.0-only
// Random bytes of the host.
#pragma once

#include <cstddef>

namespace ring3::host {

void random_bytes(void* target, size_t size);

}  // namespace ring3::host
