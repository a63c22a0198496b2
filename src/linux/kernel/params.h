// SPDX-License-Identifier: GPL-2.0-only
// The lock of a module's parameters, for the loader: held while one is set or shown.
#pragma once

namespace ring3::k {
struct module;
}

namespace ring3::kernel {

void lock_params(k::module* module, bool lock);

}  // namespace ring3::kernel
