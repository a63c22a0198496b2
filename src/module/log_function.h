// SPDX-License-Identifier: GPL-2.0-only
// A line for the kernel log at one of Linux's levels.
#pragma once

#include <functional>
#include <string_view>

namespace ring3::module {

using LogFunction = std::function<void(int level, std::string_view line)>;

}  // namespace ring3::module
