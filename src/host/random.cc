// SPDX-License-Identifier: GPL-2.0-only
#include "host/random.h"

#include <sys/random.h>

namespace ring3::host {

void random_bytes(void* target, size_t size) {
  char* at = static_cast<char*>(target);
  while (size) {
    ssize_t got = getrandom(at, size, 0);
    if (got < 0) continue;  // interrupted: nothing else can fail with these arguments
    at += got;
    size -= got;
  }
}

}  // namespace ring3::host
