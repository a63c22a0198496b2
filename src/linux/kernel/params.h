// SPDX-License-Identifier: GPL-2.0-only
// What the loader asks of parameters' types: their lock, held while one is set or shown, and
// whether what a parameter of ours stores into is there.
#pragma once

#include "kapi/field.h"
#include "module/tables.h"

namespace ring3::k {
struct module;
struct kernel_param;
struct kernel_param_ops;
struct kparam_string;
struct kparam_array;
}  // namespace ring3::k

namespace ring3::kernel {

KSIZE(kparam_string);
KFIELD(kparam_string, maxlen, unsigned);
KFIELD(kparam_string, string, char*);
KSIZE(kparam_array);
KFIELD(kparam_array, max, unsigned);
KFIELD(kparam_array, elemsize, unsigned);
KFIELD(kparam_array, num, unsigned*);
KFIELD(kparam_array, ops, const k::kernel_param_ops*);
KFIELD(kparam_array, elem, void*);

void lock_params(k::module* module, bool lock);

// ENOEXEC: `param`, whose operations are the kernel API's, has its value where nothing is.
Result<void> check_param_argument(const module::TableEntry& entry, const k::kernel_param* param);

}  // namespace ring3::kernel
