// SPDX-License-Identifier: GPL-2.0-only
// Ids of a user namespace and the kernel's own. A namespace has a map of extents for each kind:
// `count` ids from `first` there are those from `lower` here. The first namespace, and so far the
// only one, maps all but the last id, which is none, to themselves.
#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/kernel/cred_fields.h"

namespace ring3::kernel {

KPLACE(user_namespace, uid_map, uid_map_of);
KPLACE(user_namespace, gid_map, gid_map_of);
KPLACE(user_namespace, projid_map, projid_map_of);
KFIELD_PATH(uid_gid_map, nr_extents, extents_used, unsigned);
KPLACE(uid_gid_map, extent, first_extent);

namespace {

constexpr uint32_t kNobody = 65534;  // /proc/sys/kernel/overflowuid and its kin
constexpr uint32_t kNone = ~0u;
constexpr unsigned kInlineExtents = 5;  // UID_GID_MAP_MAX_BASE_EXTENTS

struct Extent {  // struct uid_gid_extent
  uint32_t first;
  uint32_t lower;
  uint32_t count;
};

// From the numbers at `from` to those at `to`.
uint32_t map_id(const void* map, uint32_t id, uint32_t Extent::*from, uint32_t Extent::*to) {
  const auto* extents = static_cast<const Extent*>(uid_gid_map_first_extent(map));
  for (unsigned i = 0; i < uid_gid_map_extents_used(map) && i < kInlineExtents; i++)
    if (id >= extents[i].*from && id - extents[i].*from < extents[i].count)
      return id - extents[i].*from + extents[i].*to;
  return kNone;
}
uint32_t down(const void* map, uint32_t id) {
  return map_id(map, id, &Extent::first, &Extent::lower);
}
uint32_t up(const void* map, uint32_t id) {
  return map_id(map, id, &Extent::lower, &Extent::first);
}
uint32_t munged(uint32_t id) { return id == kNone ? kNobody : id; }

KAPI(make_kuid, Real, k::kuid_t, (k::user_namespace * space, uint32_t id)) {
  return {down(user_namespace_uid_map_of(space), id)};
}
KAPI(from_kuid, Real, uint32_t, (k::user_namespace * space, k::kuid_t id)) {
  return up(user_namespace_uid_map_of(space), id.val);
}
KAPI(from_kuid_munged, Real, uint32_t, (k::user_namespace * space, k::kuid_t id)) {
  return munged(up(user_namespace_uid_map_of(space), id.val));
}
KAPI(make_kgid, Real, k::kgid_t, (k::user_namespace * space, uint32_t id)) {
  return {down(user_namespace_gid_map_of(space), id)};
}
KAPI(from_kgid, Real, uint32_t, (k::user_namespace * space, k::kgid_t id)) {
  return up(user_namespace_gid_map_of(space), id.val);
}
KAPI(from_kgid_munged, Real, uint32_t, (k::user_namespace * space, k::kgid_t id)) {
  return munged(up(user_namespace_gid_map_of(space), id.val));
}
KAPI(make_kprojid, Real, k::kprojid_t, (k::user_namespace * space, uint32_t id)) {
  return {down(user_namespace_projid_map_of(space), id)};
}
KAPI(from_kprojid, Real, uint32_t, (k::user_namespace * space, k::kprojid_t id)) {
  return up(user_namespace_projid_map_of(space), id.val);
}
KAPI(from_kprojid_munged, Real, uint32_t, (k::user_namespace * space, k::kprojid_t id)) {
  return munged(up(user_namespace_projid_map_of(space), id.val));
}
KAPI(current_in_userns, Real, bool, (const k::user_namespace* space)) {
  return cred_user_ns(current_cred()) == space;
}
KAPI(__put_user_ns, Stub("the first user namespace is never given up, and there are no others"),
     void, (k::user_namespace * space)) {}

}  // namespace
}  // namespace ring3::kernel
