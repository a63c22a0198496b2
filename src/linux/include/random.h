// SPDX-License-Identifier: GPL-2.0-only
// Random bytes for runtime code. Weak until the random driver gives them; then a stream that
// differs between processes.
#pragma once

#include <cstddef>

namespace ring3::kernel {

[[gnu::weak]] void kernel_random(void* target, size_t size);

}  // namespace ring3::kernel
