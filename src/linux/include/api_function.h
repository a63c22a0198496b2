// SPDX-License-Identifier: GPL-2.0-only
// A function of the kernel API as modules see it, by its name: for what another folder defines, and
// where a module may compare the pointer with the one that it imports.
#pragma once

#include "linux/include/kernel.h"

namespace ring3::kernel {

// A trap that names the function when nothing defines it.
template <class F>
F* api_function(const char* name) {
  return running().binding->lookup(name).address.template as<F>();
}

}  // namespace ring3::kernel
