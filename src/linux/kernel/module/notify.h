// SPDX-License-Identifier: GPL-2.0-only
// The module notifier chain, for the loader.
#pragma once

#include "module/loader.h"

namespace ring3::kernel {

// Tells registered blocks; a positive errno is a veto of kComing.
int notify_modules(module::Notification what, module::Module& module);
// A machine ended: its modules' blocks are gone with it.
void forget_module_notifiers();

}  // namespace ring3::kernel
