// SPDX-License-Identifier: GPL-2.0-only
// A module's command line: "n=3 name=\"two words\" verbose -- rest" against its __param section, as
// Linux's parse_args does (kernel/params.c; CONTRACT 5.2 step 17). Values are set by each
// parameter's own ops->set, which for most is one of our param_set_*.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "module/kmodule.h"

namespace ring3::module {

struct ParamContext {
  std::string module_name;
  std::span<std::byte> params;  // struct kernel_param[]
  uint64_t param_size = 0;      // sizeof(struct kernel_param)
  std::function<void(int level, std::string line)> log;
  std::function<void(const k::kernel_param*)> note_unsafe;  // one is set; it may be dangerous
  std::function<void(bool)> lock;                           // kernel_param_lock(), or unlock
  // Arguments that belong to the loader ("async_probe", "dyndbg=..."): true when it took the
  // argument.
  std::function<bool(std::string_view name, const char* value)> special;
};

// Sets every parameter of `args`. The text must stay where it is as long as the module lives: charp
// parameters of builtin style keep pointers into it. `args` is changed in place (NULs).
Result<void> parse_args(const ParamContext& context, char* args);

// Calls ops->free of every parameter, when the module goes.
void free_params(std::span<std::byte> params, uint64_t param_size);

// kstrtobool: y, t, 1, on and what begins so; n, f, 0, of.
std::optional<bool> parse_bool(const char* text);

// "a-b" and "a_b" are the same parameter name.
bool same_param_name(std::string_view a, std::string_view b);

}  // namespace ring3::module
