// SPDX-License-Identifier: GPL-2.0-only
// Static keys, for who loads modules.
#pragma once

#include "module/module.h"

namespace ring3::kernel {

// A key may have been switched after the module's branches were made and before switching found
// the module (jump_label_module_notify of MODULE_STATE_COMING).
void settle_static_keys(const module::Module& module);

}  // namespace ring3::kernel
