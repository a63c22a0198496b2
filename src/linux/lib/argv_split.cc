// SPDX-License-Identifier: GPL-2.0-only
// lib/argv_split.c: a text's words as an argument vector.
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/ctype.h"
#include "linux/include/slab.h"

namespace ring3::kernel {
namespace {

// The copy whose words argv points to lies in argv[-1].
KAPI(argv_free, Real, void, (char** argv)) {
  argv--;
  free_if_possible(argv[0]);
  free_if_possible(argv);
}
KAPI(argv_split, Real, char**, (unsigned gfp, const char* text, int* count)) {
  int words = 0;
  bool inside = false;
  for (const char* at = text; *at; at++) {
    bool space = is_space(*at);
    words += !space && !inside;
    inside = !space;
  }
  size_t size = std::strlen(text) + 1;
  char* copy = static_cast<char*>(allocate_if_possible(size, gfp));
  if (!copy) return nullptr;
  char** argv = static_cast<char**>(allocate_if_possible((words + 2) * sizeof(char*), gfp));
  if (!argv) {
    free_if_possible(copy);
    return nullptr;
  }
  std::memcpy(copy, text, size);
  *argv++ = copy;
  int found = 0;
  inside = false;
  for (char* at = copy; *at; at++) {
    if (is_space(*at)) {
      inside = false;
      *at = 0;
    } else if (!inside) {
      inside = true;
      argv[found++] = at;
    }
  }
  argv[found] = nullptr;
  if (count) *count = found;
  return argv;
}

}  // namespace
}  // namespace ring3::kernel
