// SPDX-License-Identifier: GPL-2.0-only
// struct pid. Made for a task on first use, it holds the task in its lists of each type by the
// task's own links, as inlined pid_task() users expect; the task's struct keeps one reference.
#include "linux/kernel/pid.h"

#include "base/check.h"
#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/list.h"
#include "linux/include/rcu.h"
#include "linux/kernel/fork.h"
#include "machine/memory/memory.h"

namespace ring3::k {
struct pid_namespace;
}  // namespace ring3::k

namespace ring3::kernel {

KSIZE(pid);
KPLACE(pid, count, count);
KFIELD(pid, level, unsigned);
KPLACE(pid, tasks, tasks);
KPLACE(pid, numbers, numbers);
KPLACE(pid, wait_pidfd, wait_pidfd);
KPLACE(wait_queue_head, head, list_of_waiters);
KSIZE(upid);
KFIELD(upid, nr, int);
KFIELD(upid, ns, k::pid_namespace*);
KFIELD(task_struct, thread_pid, k::pid*);
KPLACE(task_struct, pid_links, pid_links);
KPLACE(task_struct, usage, task_usage);

namespace {

constexpr unsigned kPidTypes = 4;  // PIDTYPE_MAX

void* kdata_of(const char* name) { return running().binding->address(name).as<void>(); }

struct HashNode {  // struct hlist_node
  HashNode* next;
  HashNode** slot;
};

machine::SpinLock lock;  // guards thread_pid and the lists

k::pid* make(k::task_struct* task) {
  auto* pid = static_cast<k::pid*>(machine::heap().allocate(
      {.size = sizeof_pid() + sizeof_upid(), .zero = true, .may_fail = false}));
  CHECK(pid, "no memory for a pid");
  word<int>(pid_count(pid)) = 1;
  void* number = pid_numbers(pid);
  upid_nr(number) = task_struct_pid(task);
  if (void* space = kdata_of("init_pid_ns"))
    upid_ns(number) = static_cast<k::pid_namespace*>(space);
  list_init(wait_queue_head_list_of_waiters(pid_wait_pidfd(pid)));
  auto* heads = static_cast<HashNode**>(pid_tasks(pid));
  auto* links = static_cast<HashNode*>(task_struct_pid_links(task));
  for (unsigned type = 0; type < kPidTypes; type++) {
    heads[type] = &links[type];
    links[type] = {nullptr, &heads[type]};
  }
  return pid;
}

void put(k::pid* pid) {
  if (pid && word<int>(pid_count(pid)).fetch_sub(1) == 1)
    rcu_defer([pid] { machine::heap().free(pid, 0); });
}

k::task_struct* task_of_pid(k::pid* pid, unsigned type) {
  if (!pid || type >= kPidTypes) return nullptr;
  HashNode* node = static_cast<HashNode**>(pid_tasks(pid))[type];
  if (!node) return nullptr;
  return reinterpret_cast<k::task_struct*>(reinterpret_cast<uint64_t>(node) -
                                           type * sizeof(HashNode) -
                                           kfield_task_struct_pid_links.offset);
}

k::pid* find(int number) {
  k::pid* pid = nullptr;
  with_task(number, [&](k::task_struct* task) { pid = pid_of(task); });
  return pid;
}

int number_of(k::pid* pid) { return pid ? upid_nr(pid_numbers(pid)) : 0; }

}  // namespace

k::pid* pid_of(k::task_struct* task) {
  machine::SpinGuard guard(lock);
  k::pid*& pid = task_struct_thread_pid(task);
  if (!pid) pid = make(task);
  return pid;
}

void pid_free(k::task_struct* task) {
  k::pid* pid;
  {
    machine::SpinGuard guard(lock);
    pid = task_struct_thread_pid(task);
    if (!pid) return;
    task_struct_thread_pid(task) = nullptr;
    for (unsigned type = 0; type < kPidTypes; type++)
      static_cast<HashNode**>(pid_tasks(pid))[type] = nullptr;
  }
  put(pid);
}

namespace {

KAPI(find_vpid, Real, k::pid*, (int number)) { return find(number); }
KAPI(find_pid_ns, Partial("there is one pid namespace"), k::pid*,
     (int number, k::pid_namespace* space)) {
  return find(number);
}
KAPI(find_get_pid, Real, k::pid*, (int number)) {
  k::pid* pid = find(number);
  if (pid) word<int>(pid_count(pid)).fetch_add(1);
  return pid;
}
KAPI(put_pid, Real, void, (k::pid * pid)) { put(pid); }
KAPI(pid_task, Real, k::task_struct*, (k::pid * pid, unsigned type)) {
  return task_of_pid(pid, type);
}
KAPI(get_pid_task, Real, k::task_struct*, (k::pid * pid, unsigned type)) {
  rcu_read_lock();
  k::task_struct* task = task_of_pid(pid, type);
  if (task) word<int>(task_struct_task_usage(task)).fetch_add(1);
  rcu_read_unlock();
  return task;
}
KAPI(get_task_pid, Real, k::pid*, (k::task_struct * task, unsigned type)) {
  k::pid* pid = pid_of(task);
  word<int>(pid_count(pid)).fetch_add(1);
  return pid;
}
KAPI(pid_vnr, Partial("there is one pid namespace"), int, (k::pid * pid)) { return number_of(pid); }
KAPI(pid_nr_ns, Partial("there is one pid namespace"), int,
     (k::pid * pid, k::pid_namespace* space)) {
  return number_of(pid);
}
KAPI(__task_pid_nr_ns, Partial("there is one pid namespace, and each task is its own group"), int,
     (k::task_struct * task, unsigned type, k::pid_namespace* space)) {
  return type == 1 ? task_struct_tgid(task) : task_struct_pid(task);
}
KAPI(task_active_pid_ns, Partial("there is one pid namespace"), k::pid_namespace*,
     (k::task_struct * task)) {
  return static_cast<k::pid_namespace*>(kdata_of("init_pid_ns"));
}

}  // namespace
}  // namespace ring3::kernel
