// SPDX-License-Identifier: GPL-2.0-only
// Users: one struct user_struct each, counted. Root's is the only one, and outlives all.
#include "kapi/kapi.h"
#include "linux/kernel/cred_fields.h"

namespace ring3::kernel {

KPLACE(user_struct, __count, references);

namespace {

KAPI(free_uid, Real, void, (k::user_struct * user)) {
  if (user) word<int>(user_struct_references(user)).fetch_sub(1);
}

}  // namespace
}  // namespace ring3::kernel
