// SPDX-License-Identifier: GPL-2.0-only
// The one way in which this folder refuses a module: ENOEXEC and a sentence.
#pragma once

#include <fmt/format.h>

#include <utility>

#include "base/result.h"

namespace ring3::elf {

template <class... T>
Error refuse(fmt::format_string<T...> format, T&&... arguments) {
  return Error{ENOEXEC, fmt::format(format, std::forward<T>(arguments)...)};
}

}  // namespace ring3::elf
