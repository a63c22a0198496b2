// SPDX-License-Identifier: GPL-2.0-only
// Where the values of a module's parameters lie, before anything is stored there. Only of types
// that the kernel API has; what a module's own operations take for an argument is its affair.
#include <algorithm>

#include "kapi/binding.h"
#include "linux/include/kernel.h"
#include "linux/kernel/params.h"
#include "module/kmodule.h"

namespace ring3::kernel {

Result<void> check_param_argument(const module::TableEntry& entry, const k::kernel_param* param) {
  auto object = [&](const char* member, const void* address, uint64_t size) {
    return entry.object(member, reinterpret_cast<uint64_t>(address), std::max<uint64_t>(size, 1));
  };
  const void* argument = module::kernel_param_arg(param);
  auto is = [&](const char* type) {
    return running().binding->lookup(type).address.as<const k::kernel_param_ops>() ==
           module::kernel_param_ops(param);
  };
  // Data that the kernel API lacks: who touches it is told so.
  auto symbol = running().binding->symbolise({reinterpret_cast<uint64_t>(argument)});
  if (symbol && symbol->missing) return {};
  if (is("param_array_ops")) {
    auto* array = static_cast<const k::kparam_array*>(argument);
    TRY(object("arr", array, sizeof_kparam_array()));
    TRY(object("arr->ops", kparam_array_ops(array), module::sizeof_kernel_param_ops()));
    const unsigned* count = kparam_array_num(array);
    if (count) TRY(object("arr->num", count, sizeof(*count)));
    uint64_t size = uint64_t{kparam_array_max(array)} * kparam_array_elemsize(array);
    return object("arr->elem", kparam_array_elem(array), size);
  }
  if (is("param_ops_string")) {
    auto* string = static_cast<const k::kparam_string*>(argument);
    TRY(object("str", string, sizeof_kparam_string()));
    return object("str->string", kparam_string_string(string), kparam_string_maxlen(string));
  }
  return object("arg", argument, 1);
}

}  // namespace ring3::kernel
