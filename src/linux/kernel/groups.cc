// SPDX-License-Identifier: GPL-2.0-only
// Supplementary groups: a counted, sorted array of ids behind a struct cred.
#include <algorithm>

#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/slab.h"
#include "linux/kernel/cred_fields.h"

namespace ring3::kernel {

void groups_put(k::group_info* groups) {
  if (groups && word<int>(group_info_usage(groups)).fetch_sub(1) == 1) kernel_free(groups);
}

namespace {

bool before(const k::kgid_t& one, const k::kgid_t& other) { return one.val < other.val; }

bool contains(const k::group_info* groups, k::kgid_t id) {
  const k::kgid_t* begin = groups_of(groups);
  return std::binary_search(begin, begin + group_info_ngroups(groups), id, before);
}

void set(k::cred* cred, k::group_info* groups) {
  groups_put(cred_group_info(cred));
  word<int>(group_info_usage(groups)).fetch_add(1);
  cred_group_info(cred) = groups;
}

KAPI(groups_alloc, Real, k::group_info*, (int count)) {
  size_t size = kfield_group_info_gid.offset + static_cast<size_t>(count) * sizeof(k::kgid_t);
  auto* groups = static_cast<k::group_info*>(
      kernel_allocate(std::max<size_t>(size, sizeof_group_info()), kGfpKernel | kGfpZero));
  if (!groups) return nullptr;
  word<int>(group_info_usage(groups)) = 1;
  group_info_ngroups(groups) = count;
  return groups;
}
KAPI(groups_free, Real, void, (k::group_info * groups)) { kernel_free(groups); }
KAPI(groups_sort, Real, void, (k::group_info * groups)) {
  std::sort(groups_of(groups), groups_of(groups) + group_info_ngroups(groups), before);
}
KAPI(set_groups, Real, void, (k::cred * cred, k::group_info* groups)) { set(cred, groups); }
KAPI(set_current_groups, Real, int, (k::group_info * groups)) {
  k::cred* cred = creds_prepare();
  set(cred, groups);
  return creds_commit(cred);
}
KAPI(in_group_p, Real, int, (k::kgid_t id)) {
  const k::cred* cred = current_cred();
  return cred_fsgid(cred).val == id.val || contains(cred_group_info(cred), id);
}
KAPI(in_egroup_p, Real, int, (k::kgid_t id)) {
  const k::cred* cred = current_cred();
  return cred_egid(cred).val == id.val || contains(cred_group_info(cred), id);
}

}  // namespace
}  // namespace ring3::kernel
