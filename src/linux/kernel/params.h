// SPDX-License-Identifier: GPL-2.0-only
// What the loader asks of parameters' types: their lock, held while one is set or shown, and
// whether what a parameter of ours stores into is there.
#pragma once

#include "base/address.h"
#include "kapi/field.h"
#include "module/tables.h"

namespace ring3::kapi {
class Binding;
}

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

// kstrtoul(text, 0): 0, -EINVAL or -ERANGE.
int parse_unsigned_long(const char* text, unsigned long& value);

void lock_params(k::module* module, bool lock);

// ENOEXEC: a parameter whose operations are the kernel API's has its value where nothing is.
class ParamCheck {
 public:
  explicit ParamCheck(const kapi::Binding& binding);
  Result<void> operator()(const module::TableEntry& entry, const k::kernel_param* param) const;

 private:
  const kapi::Binding& binding_;
  KernelAddress array_ops_, string_ops_, class_ops_;
};

}  // namespace ring3::kernel
