// SPDX-License-Identifier: GPL-2.0-only
// Credentials: reference-counted copies of struct cred. Security modules, keys and user namespaces
// beside the first one do not exist; a copy shares what init's points at.
#include "linux/kernel/cred.h"

#include <cstring>

#include "base/check.h"
#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/rcu.h"
#include "linux/kernel/cred_fields.h"
#include "machine/memory/memory.h"

namespace ring3::k {
struct uts_namespace;
struct pid_namespace;
struct net;
struct inode;
}  // namespace ring3::k

namespace ring3::kernel {

KSIZE(user_struct);
KPLACE(user_struct, __count, count);
KSIZE(nsproxy);
KPLACE(nsproxy, count, count);
KFIELD(nsproxy, uts_ns, k::uts_namespace*);
KFIELD(nsproxy, pid_ns_for_children, k::pid_namespace*);
KFIELD(nsproxy, net_ns, k::net*);
KPLACE(uts_namespace, name, name);
KFIELD(uts_namespace, user_ns, k::user_namespace*);
KPLACE(uts_namespace, ns.count, count);
KPLACE(user_namespace, uid_map, uid_map);
KPLACE(user_namespace, gid_map, gid_map);
KPLACE(user_namespace, projid_map, projid_map);
KPLACE(user_namespace, ns.count, count);
KFIELD(uid_gid_map, nr_extents, unsigned);
KPLACE(uid_gid_map, extent, extent);
KFIELD(pid_namespace, user_ns, k::user_namespace*);
KPLACE(pid_namespace, ns.count, count);
KFIELD(pid_namespace, child_reaper, k::task_struct*);
KFIELD(inode, i_uid, k::kuid_t);
KFIELD(inode, i_gid, k::kgid_t);

namespace {

// CAP_FULL_SET of both targets: capabilities 0 to 40 (CAP_CHECKPOINT_RESTORE).
constexpr uint64_t kAllCapabilities = (1ull << 41) - 1;

struct State {
  k::cred* cred = nullptr;
  k::user_struct* root = nullptr;
  k::group_info* groups = nullptr;
  k::nsproxy* proxy = nullptr;
};
State init;

template <class T>
T* allocate(uint64_t size) {
  void* memory = machine::heap().allocate({.size = size, .zero = true, .may_fail = false});
  CHECK(memory, "no memory for credentials");
  return static_cast<T*>(memory);
}

// In struct new_utsname: six names of 65 bytes.
void set_name(void* names, int which, std::string_view text) {
  char* at = static_cast<char*>(names) + 65 * which;
  size_t size = std::min<size_t>(text.size(), 64);
  std::memcpy(at, text.data(), size);
  at[size] = 0;
}

// "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2024-...)": what follows the release in the banner.
std::string_view version_of(const target::Target& target) {
  std::string_view banner = target.banner();
  size_t hash = banner.find('#');
  return hash == std::string_view::npos ? "#1 SMP" : banner.substr(hash);
}

KDATA_INIT(init_uts_ns, Real, "uts_namespace", 0)
{
  void* names = uts_namespace_name(at);
  set_name(names, 0, "Linux");
  set_name(names, 1, "(none)");
  set_name(names, 2, binding.target().release());
  set_name(names, 3, version_of(binding.target()));
  set_name(names, 4, "x86_64");
  set_name(names, 5, "(none)");
  word<int>(uts_namespace_count(at)) = 2;
  uts_namespace_user_ns(at) = binding.address("init_user_ns").as<k::user_namespace>();
}

// All ids map to themselves: one extent {first, lower first, count}.
void identity(void* map) {
  uid_gid_map_nr_extents(map) = 1;
  static_cast<uint32_t*>(uid_gid_map_extent(map))[2] = ~0u;
}
KDATA_INIT(init_user_ns, Partial("the first user namespace; there are no others"), "user_namespace",
           0)
{
  identity(user_namespace_uid_map(at));
  identity(user_namespace_gid_map(at));
  identity(user_namespace_projid_map(at));
  word<int>(user_namespace_count(at)) = 3;
}
KDATA_INIT(init_pid_ns, Partial("the first pid namespace; pids are not in its idr"),
           "pid_namespace", 0)
{
  word<int>(pid_namespace_count(at)) = 2;
  pid_namespace_user_ns(at) = binding.address("init_user_ns").as<k::user_namespace>();
  pid_namespace_child_reaper(at) = binding.address("init_task").as<k::task_struct>();
}

std::atomic<uint64_t>& usage(const k::cred* cred) { return word<uint64_t>(cred_usage(cred)); }

void drop(k::cred* cred) {
  groups_put(cred_group_info(cred));
  word<int>(user_struct_count(cred_user(cred))).fetch_sub(1);
  machine::heap().free(cred, 0);
}

// Readers of another task's credentials hold only rcu_read_lock().
void put(const k::cred* cred) {
  if (cred && usage(cred).fetch_sub(1) == 1)
    rcu_defer([cred] { drop(const_cast<k::cred*>(cred)); });
}

k::cred* copy_of(const k::cred* old) {
  auto* cred = allocate<k::cred>(sizeof_cred());
  std::memcpy(static_cast<void*>(cred), old, sizeof_cred());
  usage(cred) = 1;
  word<int>(group_info_usage(cred_group_info(cred))).fetch_add(1);
  word<int>(user_struct_count(cred_user(cred))).fetch_add(1);
  return cred;
}

}  // namespace

k::cred* creds_prepare() { return copy_of(current_cred()); }

int creds_commit(k::cred* cred) {
  k::task_struct* task = current();
  const k::cred* old = task_struct_real_cred(task);
  usage(cred).fetch_add(1);  // two pointers
  task_struct_real_cred(task) = cred;
  task_struct_cred(task) = cred;
  put(old);
  put(old);
  return 0;
}

void creds_release(k::task_struct* task) {
  if (!init.cred) return;  // the machine ends, and its memory with it
  put(task_struct_cred(task));
  put(task_struct_real_cred(task));
}

namespace {

KAPI(prepare_creds, Partial("no keys, no security module"), k::cred*, ()) {
  return creds_prepare();
}
KAPI(prepare_kernel_cred, Partial("no keys, no security module"), k::cred*,
     (k::task_struct * daemon)) {
  return copy_of(daemon ? task_struct_real_cred(daemon) : init.cred);
}
// The inlined half took the count to zero.
KAPI(__put_cred, Real, void, (k::cred * cred)) {
  if (cred != init.cred) rcu_defer([cred] { drop(cred); });
}
KAPI(abort_creds, Real, void, (k::cred * cred)) { put(cred); }
KAPI(commit_creds, Partial("no dumpability, no accounting"), int, (k::cred * cred)) {
  return creds_commit(cred);
}
KAPI(override_creds, Real, const k::cred*, (const k::cred* cred)) {
  const k::cred* old = task_struct_cred(current());
  usage(cred).fetch_add(1);
  task_struct_cred(current()) = cred;
  return old;
}
KAPI(revert_creds, Real, void, (const k::cred* old)) {
  const k::cred* override = task_struct_cred(current());
  task_struct_cred(current()) = old;
  put(override);
}
KAPI(get_task_cred, Real, const k::cred*, (k::task_struct * task)) {
  const k::cred* cred = task_struct_real_cred(task);
  usage(cred).fetch_add(1);
  return cred;
}

// 0, or which of the two comes first.
int compare(uint64_t one, uint64_t other) { return one < other ? -1 : one > other; }
KAPI(cred_fscmp, Real, int, (const k::cred* one, const k::cred* other)) {
  if (one == other) return 0;
  if (int order = compare(cred_fsuid(one).val, cred_fsuid(other).val)) return order;
  if (int order = compare(cred_fsgid(one).val, cred_fsgid(other).val)) return order;
  const k::group_info *groups = cred_group_info(one), *others = cred_group_info(other);
  if (groups == others) return 0;
  if (int order = compare(static_cast<unsigned>(group_info_ngroups(groups)),
                          static_cast<unsigned>(group_info_ngroups(others))))
    return order;
  for (int i = 0; i < group_info_ngroups(groups); i++)
    if (int order = compare(groups_of(groups)[i].val, groups_of(others)[i].val)) return order;
  return 0;
}
KAPI(set_create_files_as, Partial("no security module"), int, (k::cred * cred, k::inode* inode)) {
  if (inode_i_uid(inode).val == ~0u || inode_i_gid(inode).val == ~0u) return -EINVAL;
  cred_fsuid(cred) = inode_i_uid(inode);
  cred_fsgid(cred) = inode_i_gid(inode);
  return 0;
}
constexpr char kNoModule[] = "there is no security module to ask";
KAPI(set_security_override, Stub(kNoModule), int, (k::cred * cred, uint32_t id)) { return 0; }
KAPI(set_security_override_from_ctx, Stub(kNoModule), int, (k::cred * cred, const char* context)) {
  return -EOPNOTSUPP;
}

}  // namespace

void credentials_init(const kapi::Binding& binding) {
  init.root = allocate<k::user_struct>(sizeof_user_struct());
  word<int>(user_struct_count(init.root)) = 1;
  init.groups = allocate<k::group_info>(sizeof_group_info());
  word<int>(group_info_usage(init.groups)) = 2;
  init.cred = allocate<k::cred>(sizeof_cred());
  usage(init.cred) = 1 << 20;  // every task's two references, and never the last
  // Two 32-bit words until v6.3 (f122a08b197d), so aligned to 4.
  for (void* set :
       {cred_cap_permitted(init.cred), cred_cap_effective(init.cred), cred_cap_bset(init.cred)})
    std::memcpy(set, &kAllCapabilities, sizeof(kAllCapabilities));
  cred_user_ns(init.cred) = binding.address("init_user_ns").as<k::user_namespace>();
  cred_user(init.cred) = init.root;
  cred_group_info(init.cred) = init.groups;
  init.proxy = allocate<k::nsproxy>(sizeof_nsproxy());
  word<int>(nsproxy_count(init.proxy)) = 1;
  nsproxy_uts_ns(init.proxy) = binding.address("init_uts_ns").as<k::uts_namespace>();
  nsproxy_pid_ns_for_children(init.proxy) = binding.address("init_pid_ns").as<k::pid_namespace>();
  nsproxy_net_ns(init.proxy) = binding.address("init_net").as<k::net>();
}

void credentials_exit() {
  for (void* object : {static_cast<void*>(init.root), static_cast<void*>(init.groups),
                       static_cast<void*>(init.cred), static_cast<void*>(init.proxy)})
    if (object) machine::heap().free(object, 0);
  init = {};
}

const k::cred* init_cred() { return init.cred; }
k::nsproxy* init_nsproxy() { return init.proxy; }

}  // namespace ring3::kernel
