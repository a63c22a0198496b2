// SPDX-License-Identifier: GPL-2.0-only
// Where the values of a module's parameters lie, before anything is stored there. Only of types
// that the kernel API has; what a module's own operations take for an argument is its affair.
#include <algorithm>

#include "kapi/binding.h"
#include "linux/kernel/params.h"
#include "linux/lib/dynamic_debug_site.h"
#include "module/kmodule.h"

namespace ring3::kernel {

ParamCheck::ParamCheck(const kapi::Binding& binding)
    : binding_(binding),
      array_ops_(binding.address("param_array_ops")),
      string_ops_(binding.address("param_ops_string")),
      class_ops_(binding.address("param_ops_dyndbg_classes")) {}

Result<void> ParamCheck::operator()(const module::TableEntry& entry,
                                    const k::kernel_param* param) const {
  auto object = [&](const char* member, const void* address, uint64_t size) {
    return entry.object(member, reinterpret_cast<uint64_t>(address), std::max<uint64_t>(size, 1));
  };
  auto structure = [&](const char* member, const void* address, uint64_t size) {
    return entry.structure(member, reinterpret_cast<uint64_t>(address), size);
  };
  const void* argument = module::kernel_param_arg(param);
  KernelAddress ops{reinterpret_cast<uint64_t>(module::kernel_param_ops(param))};
  // Data that the kernel API lacks: who touches it is told so.
  auto symbol = binding_.symbolise({reinterpret_cast<uint64_t>(argument)});
  if (symbol && symbol->missing) return {};
  if (ops == array_ops_) {
    auto* array = static_cast<const k::kparam_array*>(argument);
    TRY(structure("arr", array, sizeof_kparam_array()));
    TRY(structure("arr->ops", kparam_array_ops(array), module::sizeof_kernel_param_ops()));
    const unsigned* count = kparam_array_num(array);
    if (count) TRY(object("arr->num", count, sizeof(*count)));
    uint64_t size = uint64_t{kparam_array_max(array)} * kparam_array_elemsize(array);
    return object("arr->elem", kparam_array_elem(array), size);
  }
  if (class_ops_ && ops == class_ops_) return check_class_param(entry, argument);
  if (ops == string_ops_) {
    auto* string = static_cast<const k::kparam_string*>(argument);
    TRY(structure("str", string, sizeof_kparam_string()));
    return object("str->string", kparam_string_string(string), kparam_string_maxlen(string));
  }
  return object("arg", argument, 1);
}

}  // namespace ring3::kernel
