// SPDX-License-Identifier: GPL-2.0-only
// References to modules for runtime code: what keeps one from being removed while an object of it
// is in use.
#pragma once

namespace ring3::k {
struct module;
}  // namespace ring3::k

namespace ring3::kernel {

// True for null too (code that is no module's). False: the module goes.
bool module_try_get(const k::module* module);
void module_drop(const k::module* module);

}  // namespace ring3::kernel
