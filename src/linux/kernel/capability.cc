// SPDX-License-Identifier: GPL-2.0-only
// What the running task may do, for runtime code.
#include <cstring>

#include "kapi/field.h"
#include "linux/include/sched.h"
#include "linux/kernel/cred.h"

namespace ring3::kernel {

KPLACE(cred, cap_effective, effective_set);
KPLACE(cred, cap_permitted, permitted_set);
KFIELD(task_struct, cred, const k::cred*);

// kernel_cap_t is 64 bits at an alignment of 4 (two words until v6.3).
bool capable(unsigned capability) {
  uint64_t set;
  std::memcpy(&set, cred_effective_set(task_struct_cred(current())), sizeof(set));
  return set >> capability & 1;
}

void drop_capabilities(uint64_t capabilities) {
  k::cred* cred = prepare_credentials();
  for (void* place : {cred_effective_set(cred), cred_permitted_set(cred)}) {
    uint64_t set;
    std::memcpy(&set, place, sizeof(set));
    set &= ~capabilities;
    std::memcpy(place, &set, sizeof(set));
  }
  commit_credentials(cred);
}

}  // namespace ring3::kernel
