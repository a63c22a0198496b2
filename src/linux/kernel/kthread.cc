// SPDX-License-Identifier: GPL-2.0-only
// Kernel threads. A new one sleeps until somebody wakes it; kthread_stop() asks it to end and waits
// for that. Threads that end by themselves are cleared away when the next one is made.
#include "linux/kernel/kthread.h"

#include <cstring>
#include <memory>
#include <unordered_map>
#include <vector>

#include "kapi/kapi.h"
#include "linux/include/format.h"
#include "linux/include/kernel.h"
#include "linux/include/time.h"
#include "linux/kernel/fork.h"
#include "linux/kernel/sched/wait_fields.h"
#include "machine/parking.h"

namespace ring3::k {
struct completion;
struct cgroup_subsys_state;
}  // namespace ring3::k

namespace ring3::kernel {

void complete_all_or_one(k::completion* completion, bool all);  // sched/completion.cc

using Parking = machine::Parking;

struct Kthread {
  int (*function)(void*) = nullptr;
  void* data = nullptr;
  std::function<void()> body;  // of the runtime's own threads
  std::atomic<bool> should_stop{false};
  std::atomic<bool> should_park{false};
  std::atomic<bool> parked{false};
  std::atomic<bool> exited{false};
  int result = 0;
};

namespace {

constexpr unsigned kNoSetAffinity = 0x04000000;  // PF_NO_SETAFFINITY

struct State {
  machine::SpinLock lock;
  std::vector<machine::Task*> all;  // those that nobody has destroyed
  machine::SpinLock record_lock;    // taken with the one above held
  std::unordered_map<const Kthread*, std::unique_ptr<Kthread>> records;
};
State threads;

Kthread* make_record() {
  auto owned = std::make_unique<Kthread>();
  Kthread* thread = owned.get();
  machine::SpinGuard guard(threads.record_lock);
  threads.records[thread] = std::move(owned);
  return thread;
}

Kthread* thread_of(const k::task_struct* task) { return extra(task).kthread; }

// Destroys threads that have ended for good.
void sweep() {
  machine::SpinGuard guard(threads.lock);
  std::erase_if(threads.all, [](machine::Task* task) {
    Kthread* thread = thread_of(kernel_task_of(task));
    return thread && thread->exited.load() && machine_().scheduler().reap(task);
  });
}

void set_flag(Kthread* thread, std::atomic<bool>& flag, bool value) {
  Parking::unpark(
      thread, [](uintptr_t) { return Parking::Decision::kWake; }, [&](unsigned) { flag = value; });
}

void park_here(Kthread* thread) {
  while (true) {
    set_current_state(kTaskParked);
    if (!thread->should_park.load()) break;
    if (!thread->parked.load()) set_flag(thread, thread->parked, true);
    schedule();
  }
  thread->parked = false;
  set_current_state(kTaskRunning);
}

// Only in the thread itself. kthread_exits() tells whoever waits.
void end_with(Kthread* thread, long result) {
  if (thread) thread->result = static_cast<int>(result);
  machine_().scheduler().exit_current(false);
}

void thread_main(Kthread* thread) {
  if (thread->body) {
    thread->body();
    return;
  }
  long result = -EINTR;  // stopped before it ever ran
  if (!thread->should_stop.load()) {
    if (thread->should_park.load()) park_here(thread);
    result = thread->function(thread->data);
  }
  end_with(thread, result);
}

k::task_struct* create(Kthread* thread, const char* name) {
  sweep();
  machine::Task* task = machine_().scheduler().create(name, [thread] { thread_main(thread); });
  k::task_struct* kernel = kernel_task_of(task);
  extra(kernel).kthread = thread;
  task_struct_flags(kernel) |= kKthreadFlag;
  reparent_to_kthreadd(kernel);
  machine::SpinGuard guard(threads.lock);
  threads.all.push_back(task);
  return kernel;
}

void bind_to(k::task_struct* task, uint64_t cpus) {
  task_struct_flags(task) |= kNoSetAffinity;
  set_allowed_cpus(task, cpus);
}

}  // namespace

machine::Task* start_kernel_thread(const std::string& name, uint64_t cpus,
                                   std::function<void()> body) {
  Kthread* thread = make_record();
  thread->body = std::move(body);
  k::task_struct* task = create(thread, name.c_str());
  if (cpus != ~0ull) bind_to(task, cpus);
  machine::Task* engine = task_of(task);
  machine_().scheduler().wake(engine);
  return engine;
}

k::task_struct* kthread_create(int (*function)(void*), void* data, const char* name) {
  Kthread* thread = make_record();
  thread->function = function;
  thread->data = data;
  return create(thread, name);
}
void kthread_bind(k::task_struct* task, unsigned cpu) { bind_to(task, 1ull << cpu); }

int kthread_stop(k::task_struct* task) {
  Kthread* thread = thread_of(task);
  if (!thread) return -EINVAL;
  thread->should_stop = true;
  thread->should_park = false;
  wake_up_state(task, kTaskParked);
  wake_up_state(task, kTaskNormal);
  Parking::park({.key = thread}, [&] { return !thread->exited.load(); });
  while (!thread->exited.load())
    Parking::park({.key = thread}, [&] { return !thread->exited.load(); });
  return thread->result;
}

bool kthread_should_stop() {
  Kthread* thread = thread_of(current());
  return thread && thread->should_stop.load();
}

void kthread_exits(k::task_struct* task, bool killed) {
  Kthread* thread = thread_of(task);
  if (!thread) return;
  if (killed) thread->result = -EINTR;
  set_flag(thread, thread->exited, true);
}

bool kthread_wants_end() {
  Kthread* thread = thread_of(current());
  return thread && (thread->should_stop.load() || thread->should_park.load());
}

void kthread_free(Kthread* thread) {
  machine::SpinGuard guard(threads.record_lock);
  threads.records.erase(thread);
}

void kthreads_exit() {
  // Some structs of tasks that have ended wait for a grace period that does not come any more.
  machine::SpinGuard guard(threads.lock);
  threads.all.clear();
  machine::SpinGuard record_guard(threads.record_lock);
  threads.records.clear();
}

namespace {

KAPI_VA(kthread_create_on_node, Real, k::task_struct*,
        (int (*function)(void*), void* data, int node, const char* format), arguments) {
  char name[64];
  format_text(name, sizeof(name), format, arguments);
  return kthread_create(function, data, name);
}
KAPI(kthread_create_on_cpu, Real, k::task_struct*,
     (int (*function)(void*), void* data, unsigned cpu, const char* format)) {
  char name[64];
  format_text(name, sizeof(name), format, cpu);
  k::task_struct* task = kthread_create(function, data, name);
  bind_to(task, 1ull << cpu);
  return task;
}
KAPI(kthread_bind, Real, void, (k::task_struct * task, unsigned cpu)) {
  bind_to(task, 1ull << cpu);
}
KAPI(kthread_stop, Real, int, (k::task_struct * task)) {
  might_sleep();
  return kthread_stop(task);
}
KAPI(kthread_stop_put, Real, int, (k::task_struct * task)) {
  int result = kthread_stop(task);
  put_task_struct(task);
  return result;
}
KAPI(kthread_should_stop, Real, bool, ()) { return kthread_should_stop(); }
KAPI(kthread_should_park, Real, bool, ()) {
  Kthread* thread = thread_of(current());
  return thread && thread->should_park.load();
}
KAPI(__kthread_should_park, Real, bool, (k::task_struct * task)) {
  Kthread* thread = thread_of(task);
  return thread && thread->should_park.load();
}
KAPI(kthread_freezable_should_stop, Partial("the machine never freezes"), bool,
     (bool* was_frozen)) {
  if (was_frozen) *was_frozen = false;
  return kthread_should_stop();
}
KAPI(kthread_func, Real, void*, (k::task_struct * task)) {
  Kthread* thread = thread_of(task);
  return thread ? reinterpret_cast<void*>(thread->function) : nullptr;
}
KAPI(kthread_data, Real, void*, (k::task_struct * task)) { return thread_of(task)->data; }
KAPI(kthread_parkme, Real, void, ()) { park_here(thread_of(current())); }
KAPI(kthread_park, Real, int, (k::task_struct * task)) {
  Kthread* thread = thread_of(task);
  if (!thread || thread->exited.load()) return -ENOSYS;
  if (thread->should_park.exchange(true)) return -EBUSY;
  if (task == current()) return 0;
  wake_up_state(task, kTaskNormal);
  auto waits = [&] { return !thread->parked.load() && !thread->exited.load(); };
  while (waits()) Parking::park({.key = thread}, waits);
  return 0;
}
KAPI(kthread_unpark, Real, void, (k::task_struct * task)) {
  Kthread* thread = thread_of(task);
  if (!thread) return;
  thread->should_park = false;
  wake_up_state(task, kTaskParked);
}
KAPI(kthread_exit, Real, void, (long result)) { end_with(thread_of(current()), result); }
KAPI(kthread_complete_and_exit, Real, void, (k::completion * completion, long result)) {
  if (completion) complete_all_or_one(completion, false);
  end_with(thread_of(current()), result);
}
// A thread may borrow an address space; the caller holds a reference.
KAPI(kthread_use_mm, Real, void, (k::mm_struct * mm)) {
  task_struct_mm(current()) = task_struct_active_mm(current()) = mm;
}
KAPI(kthread_unuse_mm, Real, void, (k::mm_struct * mm)) {
  task_struct_mm(current()) = task_struct_active_mm(current()) = nullptr;
}
KAPI(kthread_associate_blkcg, Stub("there are no block control groups"), void,
     (k::cgroup_subsys_state * css)) {}

}  // namespace
}  // namespace ring3::kernel
