// SPDX-License-Identifier: GPL-2.0-only
#include "linux/kernel/fork.h"

#include <cstring>

#include "base/check.h"
#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/list.h"
#include "linux/include/printk.h"
#include "linux/include/rcu.h"
#include "linux/kernel/cred.h"
#include "linux/kernel/cred_fields.h"
#include "linux/kernel/kthread.h"
#include "linux/kernel/pid.h"
#include "linux/kernel/sched/sched.h"
#include "linux/kernel/task_work.h"
#include "machine/memory/memory.h"

namespace ring3::kernel {

KFIELD(task_struct, stack, void*);
KPLACE(task_struct, usage, usage);
KPLACE(task_struct, cpus_mask, mask_of_cpus);
KFIELD_PATH(task_struct, cpus_ptr, cpus_pointer, const k::cpumask*);
KFIELD_PATH(task_struct, nr_cpus_allowed, cpus_allowed_count, int);
KFIELD_PATH(task_struct, prio, priority, int);
KFIELD_PATH(task_struct, static_prio, static_priority, int);
KFIELD_PATH(task_struct, normal_prio, normal_priority, int);
KPLACE(task_struct, tasks, tasks);
KPLACE(task_struct, children, children);
KPLACE(task_struct, sibling, sibling);
KPLACE(task_struct, thread_node, thread_node);
KPLACE(task_struct, pending.list, pending_list);
KPLACE(task_struct, pending.signal, pending_signal);
KFIELD(task_struct, real_parent, k::task_struct*);
KFIELD(task_struct, parent, k::task_struct*);
KFIELD(task_struct, group_leader, k::task_struct*);
KFIELD(task_struct, nsproxy, k::nsproxy*);
KFIELD(task_struct, signal, k::signal_struct*);
KFIELD(task_struct, sighand, k::sighand_struct*);
KFIELD(task_struct, start_time, unsigned long long);
KFIELD(task_struct, start_boottime, unsigned long long);
KFIELD(task_struct, exit_code, int);
KFIELD(task_struct, exit_state, int);
KFIELD(task_struct, on_cpu, int);
KPLACE_MAYBE(task_struct, thread_group, thread_group);
KSIZE(signal_struct);
KFIELD(signal_struct, nr_threads, int);
KPLACE(signal_struct, live, live);
KPLACE(signal_struct, sigcnt, sigcnt);
KPLACE(signal_struct, thread_head, thread_head);
KPLACE(signal_struct, rlim, rlim);
KSIZE(sighand_struct);
KPLACE(sighand_struct, count, count);

namespace {

constexpr unsigned kIdleTask = 0x2, kExiting = 0x4;  // PF_IDLE, PF_EXITING
constexpr unsigned long kSignalPending = 1ul << 2;   // TIF_SIGPENDING, arch/x86
constexpr int kExitDead = 0x10;                      // EXIT_DEAD

struct State {
  machine::SpinLock lock;  // the list of tasks, its children and sibling links
  TaskExtra init_extra;
  k::task_struct* kthreadd = nullptr;
  void* signals = nullptr;  // one signal_struct and sighand_struct for all kernel threads
  void* handlers = nullptr;
};
State& state() {
  static State the_state;
  return the_state;
}

uint64_t extra_offset() { return (sizeof_task_struct() + 63) & ~63ull; }

void* allocate_zeroed(size_t size) {
  void* memory = machine::has_memory()
                     ? machine::heap().allocate({.size = size, .zero = true, .may_fail = false})
                     : calloc(1, size);
  CHECK(memory, "no memory for {} bytes of a task", size);
  return memory;
}
void give_back(void* memory) {
  if (machine::has_memory())
    machine::heap().free(memory, 0);
  else
    free(memory);
}

// The resource limits that Debian's init gives: no limit but for the stack and descriptors.
void set_limits(void* limits) {
  auto* limit = static_cast<uint64_t*>(limits);  // 16 pairs
  for (int i = 0; i < 32; i++) limit[i] = ~0ull;
  limit[2 * 3] = 8 << 20;                        // RLIMIT_STACK
  limit[2 * 7] = 1024, limit[2 * 7 + 1] = 4096;  // RLIMIT_NOFILE
  limit[2 * 8] = limit[2 * 8 + 1] = 8 << 20;     // RLIMIT_MEMLOCK
}

void make_shared_parts() {
  state().signals = allocate_zeroed(sizeof_signal_struct());
  signal_struct_nr_threads(state().signals) = 1;
  word<int>(signal_struct_live(state().signals)) = 1;
  word<int>(signal_struct_sigcnt(state().signals)) = 1;
  list_init(signal_struct_thread_head(state().signals));
  set_limits(signal_struct_rlim(state().signals));
  state().handlers = allocate_zeroed(sizeof_sighand_struct());
  word<int>(sighand_struct_count(state().handlers)) = 1;
}

// What every task_struct begins with.
void fill(k::task_struct* task, int pid, const std::string& name, const machine::Stack& stack,
          k::task_struct* parent) {
  unsigned cpus = machine_().cpu_count();
  uint64_t online = (cpus >= 64 ? 0 : 1ull << cpus) - 1;
  task_struct_stack(task) = reinterpret_cast<void*>(stack.bottom);
  word<int>(task_struct_usage(task)) = 1;
  task_struct_priority(task) = task_struct_static_priority(task) =
      task_struct_normal_priority(task) = 120;
  *static_cast<uint64_t*>(task_struct_mask_of_cpus(task)) = online;
  task_struct_cpus_pointer(task) = static_cast<const k::cpumask*>(task_struct_mask_of_cpus(task));
  task_struct_cpus_allowed_count(task) = static_cast<int>(cpus);
  task_struct_pid(task) = task_struct_tgid(task) = pid;
  task_struct_group_leader(task) = task;
  task_struct_real_parent(task) = task_struct_parent(task) = parent;
  list_init(task_struct_children(task));
  list_init(task_struct_sibling(task));
  list_init(task_struct_tasks(task));
  list_init(task_struct_thread_node(task));
  if (has_task_struct_thread_group()) list_init(task_struct_thread_group(task));
  list_init(task_struct_pending_list(task));
  task_struct_cred(task) = task_struct_real_cred(task) = init_cred();
  task_struct_nsproxy(task) = init_nsproxy();
  task_struct_signal(task) = static_cast<k::signal_struct*>(state().signals);
  task_struct_sighand(task) = static_cast<k::sighand_struct*>(state().handlers);
  task_struct_start_time(task) = task_struct_start_boottime(task) = machine_().clock().now_ns();
  set_task_comm(task, name.c_str());
}

// The new task's struct; its state word from here on is the one modules see.
void task_created(machine::Task& task) {
  auto* kernel = static_cast<k::task_struct*>(allocate_zeroed(extra_offset() + sizeof(TaskExtra)));
  new (&extra(kernel)) TaskExtra{.task = &task};
  k::task_struct* parent = on_cpu() ? current() : init_task();
  if (!parent) parent = init_task();
  fill(kernel, task.id(), task.name(), task.stack(), parent);
  word<unsigned>(&task_struct___state(kernel)) = task.state->load();
  task.state = &word<unsigned>(&task_struct___state(kernel));
  task.kernel_task = reinterpret_cast<uint64_t>(kernel);
  machine::SpinGuard guard(state().lock);
  extra(kernel).linked = true;
  list_add_tail(task_struct_tasks(kernel), task_struct_tasks(init_task()));
  list_add_tail(task_struct_sibling(kernel), task_struct_children(parent));
}

void unlink(k::task_struct* task) {
  machine::SpinGuard guard(state().lock);
  if (!extra(task).linked) return;
  extra(task).linked = false;
  list_del_rcu(task_struct_tasks(task));
  list_del(task_struct_sibling(task));
  // Its children become init's.
  void* children = task_struct_children(task);
  while (!list_empty(children)) {
    void* sibling = list_next(children);
    auto* child = reinterpret_cast<k::task_struct*>(reinterpret_cast<uint64_t>(sibling) -
                                                    kfield_task_struct_sibling.offset);
    task_struct_real_parent(child) = task_struct_parent(child) = init_task();
    list_del(sibling);
    list_add_tail(sibling, task_struct_children(init_task()));
  }
}

// Walkers of the task list hold only rcu_read_lock().
void free_later(k::task_struct* task) {
  if (task == init_task()) return;
  rcu_defer([task] {
    if (Kthread* thread = extra(task).kthread) kthread_free(thread);
    pid_free(task);
    creds_release(task);
    give_back(task);
  });
}

void task_destroyed(machine::Task& task) {
  k::task_struct* kernel = kernel_task_of(&task);
  if (!kernel) return;
  unlink(kernel);
  extra(kernel).task = nullptr;
  task.kernel_task = 0;
  task.restore_own_state();
  put_task_struct(kernel);
}

// do_exit(): by the task itself.
void task_exits(machine::Task& task, bool killed) {
  k::task_struct* kernel = kernel_task_of(&task);
  if (!kernel) return;
  if (!killed) task_work_run(true);
  unsigned count = preempt_count();
  if (killed && !kapi::gs_interrupts_on())
    kernel_print(KERN_INFO "note: %s[%d] exited with irqs disabled\n", current_comm(),
                 current_pid());
  if (count) {
    kernel_print(KERN_INFO "note: %s[%d] exited with preempt_count %d\n", current_comm(),
                 current_pid(), count);
    preempt_count_sub(count);
  }
  kapi::set_gs_interrupts_on(1);
  task_struct_flags(kernel) |= kExiting;
  mm_detach(kernel);
  rcu_task_exits(kernel);
  kthread_exits(kernel, killed);
  unlink(kernel);
  task_struct_exit_state(kernel) = kExitDead;
  task.state->store(kTaskDead);
}

}  // namespace

TaskExtra& extra(const k::task_struct* task) {
  if (task == init_task()) return state().init_extra;
  return *reinterpret_cast<TaskExtra*>(reinterpret_cast<uint64_t>(task) + extra_offset());
}

k::task_struct* current() { return reinterpret_cast<k::task_struct*>(this_task()->kernel_task); }
machine::Task* task_of(const k::task_struct* task) { return extra(task).task; }

const char* current_comm() {
  k::task_struct* task = current();
  return task ? task_struct_comm(task) : this_task()->name().c_str();
}
int current_pid() { return this_task()->id(); }

void put_task_struct(k::task_struct* task) {
  if (word<int>(task_struct_usage(task)).fetch_sub(1) == 1) free_later(task);
}

void reparent_to_kthreadd(k::task_struct* task) {
  machine::SpinGuard guard(state().lock);
  k::task_struct* parent = state().kthreadd ? state().kthreadd : init_task();
  task_struct_real_parent(task) = task_struct_parent(task) = parent;
  list_del(task_struct_sibling(task));
  list_add_tail(task_struct_sibling(task), task_struct_children(parent));
}

void set_allowed_cpus(k::task_struct* task, uint64_t cpus) {
  *static_cast<uint64_t*>(task_struct_mask_of_cpus(task)) = cpus;
  task_struct_cpus_allowed_count(task) = __builtin_popcountll(cpus);
  if (machine::Task* engine = task_of(task)) machine_().scheduler().allow_cpus(engine, cpus);
}

void set_task_comm(k::task_struct* task, const char* name) {
  char* comm = task_struct_comm(task);
  size_t size = strnlen(name, sizeof(task_struct_comm(task)) - 1);
  std::memcpy(comm, name, size);
  std::memset(comm + size, 0, sizeof(task_struct_comm(task)) - size);
}

bool with_task(int pid, const std::function<void(k::task_struct*)>& fn) {
  machine::SpinGuard guard(state().lock);
  void* head = task_struct_tasks(init_task());
  for (void* at = list_next(head); at != head; at = list_next(at)) {
    auto* task = reinterpret_cast<k::task_struct*>(reinterpret_cast<uint64_t>(at) -
                                                   kfield_task_struct_tasks.offset);
    if (task_struct_pid(task) != pid) continue;
    fn(task);
    return true;
  }
  return false;
}

void send_signal_to(k::task_struct* task, int signal, bool fatal) {
  constexpr int kKill = 9;
  machine::Task* engine = task_of(task);
  if (!engine) return;
  word<uint64_t>(task_struct_pending_signal(task)).fetch_or(1ull << (signal - 1));
  if (fatal) word<uint64_t>(task_struct_pending_signal(task)).fetch_or(1ull << (kKill - 1));
  word<unsigned long>(&task_struct_thread_flags(task)).fetch_or(kSignalPending);
  engine->signalled = true;
  if (fatal || signal == kKill) engine->fatally_signalled = true;
  machine_().scheduler().wake(engine,
                              kTaskInterruptible | (engine->fatally_signalled ? kTaskWakeKill : 0));
}

void clear_signals(k::task_struct* task) {
  word<uint64_t>(task_struct_pending_signal(task)) = 0;
  word<unsigned long>(&task_struct_thread_flags(task)).fetch_and(~kSignalPending);
  if (machine::Task* engine = task_of(task)) {
    engine->signalled = false;
    engine->fatally_signalled = false;
  }
}

namespace {

KDATA_INIT(init_task, Real, "task_struct", 0)
{}

KAPI(__put_task_struct, Real, void, (k::task_struct * task)) {
  // The inlined half took the count to zero.
  free_later(task);
}
KAPI(__get_task_comm, Real, char*, (char* buffer, size_t size, k::task_struct* task)) {
  // strscpy_pad
  size_t length = strnlen(task_struct_comm(task), size - 1);
  std::memcpy(buffer, task_struct_comm(task), length);
  std::memset(buffer + length, 0, size - length);
  return buffer;
}

}  // namespace

k::task_struct* init_task() { return static_cast<k::task_struct*>(kdata_init_task()); }

void tasks_init(machine::Machine& machine, const kapi::Binding& binding) {
  make_shared_parts();
  credentials_init(binding);
  for (unsigned i = 0; i < machine.cpu_count(); i++) {
    machine::Task& idle = machine.cpu(i).idle_task();
    k::task_struct* task =
        i ? static_cast<k::task_struct*>(allocate_zeroed(extra_offset() + sizeof(TaskExtra)))
          : init_task();
    if (i) new (&extra(task)) TaskExtra{};
    extra(task).task = &idle;
    fill(task, 0, idle.name(), idle.stack(), init_task());
    task_struct_flags(task) = kIdleTask | kKthreadFlag;
    word<int>(task_struct_usage(task)) = 2;
    task_struct_thread_cpu(task) = i;
    idle.kernel_task = reinterpret_cast<uint64_t>(task);
    idle.state = &word<unsigned>(&task_struct___state(task));
  }
  machine.hooks.task_created = task_created;
  machine.hooks.task_destroyed = task_destroyed;
  machine.hooks.task_exits = task_exits;
}

// init has pid 1 and kthreadd pid 2, as everywhere; neither has anything to do.
void tasks_start() {
  auto sleeper = [] {
    while (true) {
      set_current_state(kTaskIdle);
      schedule();
    }
  };
  for (const char* name : {"init", "kthreadd"}) {
    machine::Task* task = machine_().scheduler().create(name, sleeper);
    k::task_struct* kernel = kernel_task_of(task);
    if (task->id() == 2) {
      task_struct_flags(kernel) |= kKthreadFlag;
      state().kthreadd = kernel;
    }
    machine_().scheduler().wake(task);
  }
}

void tasks_exit() {
  state().kthreadd = nullptr;
  for (unsigned i = 0; i < machine_().cpu_count(); i++) {
    machine::Task& idle = machine_().cpu(i).idle_task();
    k::task_struct* task = kernel_task_of(&idle);
    idle.kernel_task = 0;
    idle.restore_own_state();
    if (i && task) give_back(task);
  }
  credentials_exit();
  if (state().signals) give_back(state().signals);
  if (state().handlers) give_back(state().handlers);
  state().signals = state().handlers = nullptr;
}

}  // namespace ring3::kernel
