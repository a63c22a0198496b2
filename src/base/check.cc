// SPDX-License-Identifier: GPL-2.0-only
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace ring3 {

void check_failed(const char* file, int line, const char* condition, const std::string& text) {
  std::fprintf(stderr, "ring3: internal error at %s:%d: %s%s%s\n", file, line, condition,
               text.empty() ? "" : ": ", text.c_str());
  std::abort();
}

}  // namespace ring3
