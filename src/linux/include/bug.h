// SPDX-License-Identifier: GPL-2.0-only
// WARN() for runtime code that takes the place of kernel code: the report names Linux's file, for
// that is where people look it up.
#pragma once

namespace ring3::kernel {

void warn_report(const char* file, int line, const char* function, const char* text);

}  // namespace ring3::kernel

// Once in the life of the process.
#define RING3_WARN_ONCE(file, line, function, text)                                       \
  do {                                                                                    \
    static std::atomic<bool> warned{false};                                               \
    if (!warned.exchange(true)) ::ring3::kernel::warn_report(file, line, function, text); \
  } while (0)
