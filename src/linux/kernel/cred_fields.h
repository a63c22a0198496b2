// SPDX-License-Identifier: GPL-2.0-only
// struct cred and the ids in it, for the files that read or change them. Ids are structs of one
// number, so that nobody mixes them up (include/linux/uidgid.h, projid.h).
#pragma once

#include "linux/include/sched.h"

namespace ring3::k {
struct user_namespace;
struct user_struct;
struct group_info;
struct kuid_t {
  uint32_t val;
};
struct kgid_t {
  uint32_t val;
};
struct kprojid_t {
  uint32_t val;
};
}  // namespace ring3::k

namespace ring3::kernel {

KSIZE(cred);
KPLACE(cred, usage, usage);
KPLACE(cred, cap_permitted, cap_permitted);
KPLACE(cred, cap_effective, cap_effective);
KPLACE(cred, cap_bset, cap_bset);
KFIELD(cred, fsuid, k::kuid_t);
KFIELD(cred, fsgid, k::kgid_t);
KFIELD(cred, egid, k::kgid_t);
KFIELD(cred, user_ns, k::user_namespace*);
KFIELD(cred, user, k::user_struct*);
KFIELD(cred, group_info, k::group_info*);
KPLACE(group_info, usage, usage);
KFIELD(group_info, ngroups, int);
KPLACE(group_info, gid, gid);
KSIZE(group_info);
KFIELD(task_struct, cred, const k::cred*);
KFIELD(task_struct, real_cred, const k::cred*);

inline const k::cred* current_cred() { return task_struct_cred(current()); }
inline k::kgid_t* groups_of(const k::group_info* groups) {
  return static_cast<k::kgid_t*>(group_info_gid(groups));
}
// Drops a reference; the last one frees.
void groups_put(k::group_info* groups);
// Makes a copy of the running task's credentials the task's own.
k::cred* creds_prepare();
int creds_commit(k::cred* cred);
bool cred_has_capability(const k::cred* cred, int capability);

}  // namespace ring3::kernel
