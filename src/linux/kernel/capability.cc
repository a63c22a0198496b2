// SPDX-License-Identifier: GPL-2.0-only
// What a task may do: a bit of its effective set, in the one user namespace there is.
#include <cstring>

#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/fs.h"
#include "linux/include/kernel.h"
#include "linux/include/printk.h"
#include "linux/kernel/cred.h"
#include "linux/kernel/cred_fields.h"

namespace ring3::k {
struct mnt_idmap;
}  // namespace ring3::k

namespace ring3::kernel {

bool cred_has_capability(const k::cred* cred, int capability) {
  // Two 32-bit words until v6.3 (f122a08b197d), so aligned to 4.
  uint64_t set;
  std::memcpy(&set, cred_cap_effective(cred), sizeof(set));
  return set >> capability & 1;
}

void drop_capabilities(uint64_t capabilities) {
  k::cred* cred = creds_prepare();
  for (void* place : {cred_cap_effective(cred), cred_cap_permitted(cred)}) {
    uint64_t set;
    std::memcpy(&set, place, sizeof(set));
    set &= ~capabilities;
    std::memcpy(place, &set, sizeof(set));
  }
  creds_commit(cred);
}

namespace {

constexpr int kLastCapability = 40;         // CAP_CHECKPOINT_RESTORE
constexpr unsigned kSuperUserFlag = 0x100;  // PF_SUPERPRIV

// A number that is no capability is a bug of the caller; Linux stops him.
bool may(const k::cred* cred, const k::user_namespace* space, int capability) {
  if (capability < 0 || capability > kLastCapability) {
    kernel_print(KERN_CRIT "capable() called with invalid cap=%u\n",
                 static_cast<unsigned>(capability));
    return false;
  }
  return cred_user_ns(cred) == space && cred_has_capability(cred, capability);
}
bool current_may(const k::user_namespace* space, int capability) {
  if (!may(current_cred(), space, capability)) return false;
  task_struct_flags(current()) |= kSuperUserFlag;
  return true;
}
k::user_namespace* first_namespace() {
  return running().binding->address("init_user_ns").as<k::user_namespace>();
}

// kernel_cap_t: two words until v6.3, one of 64 bits since. Nothing is in it.
KDATA_INIT(__cap_empty_set, Real, nullptr, 8)
{}
KAPI(capable, Real, bool, (int capability)) { return current_may(first_namespace(), capability); }
KAPI(ns_capable, Real, bool, (k::user_namespace * space, int capability)) {
  return current_may(space, capability);
}
KAPI_ALIAS(ns_capable_noaudit, ns_capable);
KAPI_ALIAS(ns_capable_setid, ns_capable);
KAPI(has_capability, Real, bool, (k::task_struct * task, int capability)) {
  return may(task_struct_real_cred(task), first_namespace(), capability);
}
KAPI_ALIAS(has_capability_noaudit, has_capability);
KAPI(file_ns_capable, Real, bool, (const k::file* file, k::user_namespace* space, int capability)) {
  return may(file_f_cred(file), space, capability);
}
namespace by_namespace {  // until v6.2
KAPI(capable_wrt_inode_uidgid, Partial("inodes belong to the first user namespace"), bool,
     (k::user_namespace * mount, const k::inode* inode, int capability)) {
  return current_may(first_namespace(), capability);
}
}  // namespace by_namespace
namespace by_idmap {  // since v6.3
KAPI(capable_wrt_inode_uidgid, Partial("inodes belong to the first user namespace"), bool,
     (k::mnt_idmap * mount, const k::inode* inode, int capability)) {
  return current_may(first_namespace(), capability);
}
}  // namespace by_idmap

}  // namespace

bool may_current(unsigned capability) {
  return current_may(first_namespace(), static_cast<int>(capability));
}

}  // namespace ring3::kernel
