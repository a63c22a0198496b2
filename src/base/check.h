// SPDX-License-Identifier: GPL-2.0-only
// CHECK(condition, fmt, ...): an assertion that stays in every build, says where and with what, and
// ends the process. It is for our own mistakes; bad input is an Error, never a CHECK.
#pragma once

#include <fmt/format.h>

#include <string>

namespace ring3 {
[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               const std::string& text);
}  // namespace ring3

#define CHECK(condition, ...)                                                               \
  do {                                                                                      \
    if (!(condition)) [[unlikely]]                                                          \
      ::ring3::check_failed(__FILE__, __LINE__, #condition, ::fmt::format("" __VA_ARGS__)); \
  } while (0)
