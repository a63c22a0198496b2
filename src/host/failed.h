// SPDX-License-Identifier: GPL-2.0-only
// The error of a call of the host's that failed on a path, as errno has it.
#pragma once

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/result.h"

namespace ring3::host {

inline Error failed(const char* what, const std::string& path) {
  int code = errno;
  return Error{code, fmt::format("cannot {} '{}': {}", what, path, std::strerror(code))};
}

}  // namespace ring3::host
