// SPDX-License-Identifier: GPL-2.0-only
// The same work on several host threads.
#pragma once

#include <functional>

namespace ring3::host {

unsigned usable_cpus();

// Calls fn(0) ... fn(count - 1), each on a thread of its own, fn(0) on the caller's, and waits for
// all. Where no further thread may be made (limits of a container) the caller runs the rest itself.
void run_parallel(unsigned count, const std::function<void(unsigned)>& fn);

}  // namespace ring3::host
