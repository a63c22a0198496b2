// SPDX-License-Identifier: GPL-2.0-only
// What FORTIFY_SOURCE's inlined checks call when a copy does not fit. The panics are Linux's BUG:
// ud2 here, with the module's call record held, which src/debug turns into an oops of that module.
#include <iterator>

#include "kapi/kapi.h"
#include "linux/include/printk.h"

namespace ring3::kernel {
namespace {

// linux/fortify-string.h, enum fortify_func
constexpr const char* kFunctions[] = {"strncpy", "strnlen", "strlen", "strscpy",    "strlcat",
                                      "strcat",  "strncat", "memset", "memcpy",     "memmove",
                                      "memscan", "memcmp",  "memchr", "memchr_inv", "kmemdup",
                                      "strcpy",  "UNKNOWN"};

void report(uint8_t reason, size_t available, size_t size) {
  unsigned function = reason >> 1;
  if (function >= std::size(kFunctions)) function = std::size(kFunctions) - 1;
  kernel_warning("%s: detected buffer overflow: %zu byte %s of buffer size %zu\n",
                 kFunctions[function], size, reason & 1 ? "write" : "read", available);
}

KAPI(fortify_panic, Real, void, (const char* name)) {
  kernel_print(KERN_EMERG "detected buffer overflow in %s\n", name);
  __builtin_trap();
}
KAPI(__fortify_report, Partial("logs the text, not WARN's registers and stack"), void,
     (uint8_t reason, size_t available, size_t size)) {
  report(reason, available, size);
}
KAPI(__fortify_panic, Real, void, (uint8_t reason, size_t available, size_t size)) {
  report(reason, available, size);
  __builtin_trap();
}

}  // namespace
}  // namespace ring3::kernel
