// SPDX-License-Identifier: GPL-2.0-only
// Kernel threads that run a list of works. The lists lie in the modules' own structs (initialisers
// and kthread_init_work() are inlined), so all of it works on them, under the worker's lock.
//
// A work is pending while its node is in a list: the worker's, or that of the delayed ones, whose
// timer moves it. `canceling` counts those who wait for its end; meanwhile it cannot be queued.
#include <cstring>

#include "base/check.h"
#include "kapi/kapi.h"
#include "linux/include/bug.h"
#include "linux/include/format.h"
#include "linux/include/kernel.h"
#include "linux/include/list.h"
#include "linux/include/slab.h"
#include "linux/include/time.h"
#include "linux/kernel/kthread.h"
#include "machine/parking.h"

namespace ring3::k {
struct kthread_worker;
struct kthread_work;
struct kthread_delayed_work;
}  // namespace ring3::k

namespace ring3::kernel {

KSIZE(kthread_worker);
KSIZE(kthread_work);
KFIELD(kthread_worker, flags, unsigned);
KPLACE(kthread_worker, lock, lock);
KPLACE(kthread_worker, work_list, work_list);
KPLACE(kthread_worker, delayed_work_list, delayed_work_list);
KFIELD(kthread_worker, task, k::task_struct*);
KFIELD(kthread_worker, current_work, k::kthread_work*);
KPLACE(kthread_work, node, node);
KFIELD(kthread_work, func, void (*)(k::kthread_work*));
KFIELD(kthread_work, worker, k::kthread_worker*);
KFIELD(kthread_work, canceling, int);
KPLACE(kthread_delayed_work, work, work);
KPLACE(kthread_delayed_work, timer, timer);

namespace {

using Parking = machine::Parking;
constexpr char kFile[] = "kernel/kthread.c";

k::kthread_work* work_of(k::kthread_delayed_work* delayed) {
  return static_cast<k::kthread_work*>(kthread_delayed_work_work(delayed));
}
k::timer_list* timer_of(k::kthread_work* work) {
  return reinterpret_cast<k::timer_list*>(reinterpret_cast<uint64_t>(work) -
                                          kfield_kthread_delayed_work_work.offset +
                                          kfield_kthread_delayed_work_timer.offset);
}
k::kthread_work* work_at(void* node) {
  return reinterpret_cast<k::kthread_work*>(reinterpret_cast<uint64_t>(node) -
                                            kfield_kthread_work_node.offset);
}
void take_out(k::kthread_work* work) {
  list_unlink(kthread_work_node(work));
  list_init(kthread_work_node(work));
}

void init_worker(k::kthread_worker* worker) {
  std::memset(static_cast<void*>(worker), 0, sizeof_kthread_worker());
  list_init(kthread_worker_work_list(worker));
  list_init(kthread_worker_delayed_work_list(worker));
}

// The functions below are called with the worker's lock held.

bool is_blocked(k::kthread_work* work) {
  return !list_empty(kthread_work_node(work)) || kthread_work_canceling(work) != 0;
}

// In front of `before`, a node or the list's head.
void insert(k::kthread_worker* worker, k::kthread_work* work, void* before) {
  list_add_tail(kthread_work_node(work), before);
  kthread_work_worker(work) = worker;
  if (!kthread_worker_current_work(worker) && kthread_worker_task(worker))
    wake_up_state(kthread_worker_task(worker), kTaskNormal);
}

void insert_delayed(k::kthread_worker* worker, k::kthread_work* work, unsigned long delay) {
  if (!delay) return insert(worker, work, kthread_worker_work_list(worker));
  list_add(kthread_work_node(work), kthread_worker_delayed_work_list(worker));
  kthread_work_worker(work) = worker;
  timer_mod(timer_of(work), jiffies() + delay);
}

bool remove(k::kthread_work* work) {
  if (list_empty(kthread_work_node(work))) return false;
  take_out(work);
  return true;
}

// A work of our own behind another one: when it runs, that one has ended.
struct Barrier {
  alignas(16) char work[128];
  std::atomic<bool> passed;

  Barrier() : work{}, passed(false) {
    CHECK(sizeof_kthread_work() <= sizeof(work));
    list_init(kthread_work_node(item()));
    kthread_work_func(item()) = [](k::kthread_work* done) {
      auto* self = reinterpret_cast<Barrier*>(done);
      Parking::unpark(
          self, [](uintptr_t) { return Parking::Decision::kWake; },
          [self](unsigned) { self->passed = true; });
    };
  }
  k::kthread_work* item() { return reinterpret_cast<k::kthread_work*>(work); }
  void wait() {
    might_sleep();
    do Parking::park({.key = this}, [this] { return !passed.load(); });
    while (!passed);
  }
};

void flush_work(k::kthread_work* work) {
  k::kthread_worker* worker = kthread_work_worker(work);
  if (!worker) return;
  Barrier barrier;
  {
    IrqSpinGuard guard(kthread_worker_lock(worker));
    if (!list_empty(kthread_work_node(work)))
      insert(worker, barrier.item(), list_next(kthread_work_node(work)));
    else if (kthread_worker_current_work(worker) == work)
      insert(worker, barrier.item(), list_next(kthread_worker_work_list(worker)));
    else
      return;
  }
  barrier.wait();
}

void flush_worker(k::kthread_worker* worker) {
  Barrier barrier;
  {
    IrqSpinGuard guard(kthread_worker_lock(worker));
    insert(worker, barrier.item(), kthread_worker_work_list(worker));
  }
  barrier.wait();
}

// The timer's function takes the worker's lock, so it is not waited for with the lock held; nobody
// queues the work meanwhile.
void stop_timer(k::kthread_worker* worker, k::kthread_work* work) {
  {
    IrqSpinGuard guard(kthread_worker_lock(worker));
    kthread_work_canceling(work)++;
  }
  timer_delete(timer_of(work), true);
  IrqSpinGuard guard(kthread_worker_lock(worker));
  kthread_work_canceling(work)--;
}

bool cancel(k::kthread_work* work, bool delayed) {
  k::kthread_worker* worker = kthread_work_worker(work);
  if (!worker) return false;
  if (delayed) stop_timer(worker, work);
  bool was;
  {
    IrqSpinGuard guard(kthread_worker_lock(worker));
    was = remove(work);
    if (kthread_worker_current_work(worker) != work) return was;
    kthread_work_canceling(work)++;
  }
  flush_work(work);
  IrqSpinGuard guard(kthread_worker_lock(worker));
  kthread_work_canceling(work)--;
  return was;
}

k::kthread_work* next_work(k::kthread_worker* worker) {
  IrqSpinGuard guard(kthread_worker_lock(worker));
  void* list = kthread_worker_work_list(worker);
  k::kthread_work* work = list_empty(list) ? nullptr : work_at(list_next(list));
  if (work) take_out(work);
  kthread_worker_current_work(worker) = work;
  return work;
}

int run_worker(void* argument) {
  auto* worker = static_cast<k::kthread_worker*>(argument);
  kthread_worker_task(worker) = current();
  while (true) {
    set_current_state(kTaskInterruptible);
    if (kthread_should_stop()) break;
    if (k::kthread_work* work = next_work(worker)) {
      set_current_state(kTaskRunning);
      kthread_work_func(work)(work);
      preempt_check();
    } else {
      schedule();
    }
  }
  set_current_state(kTaskRunning);
  IrqSpinGuard guard(kthread_worker_lock(worker));
  kthread_worker_task(worker) = nullptr;
  return 0;
}

k::kthread_worker* make(int cpu, unsigned flags, const char* format, va_list arguments) {
  constexpr long kNoMemory = -12;
  char name[64];
  format_text(name, sizeof(name), format, arguments);
  auto* worker = static_cast<k::kthread_worker*>(
      kernel_allocate(sizeof_kthread_worker(), kGfpKernel | kGfpZero));
  if (!worker) return reinterpret_cast<k::kthread_worker*>(kNoMemory);
  init_worker(worker);
  k::task_struct* task = kthread_create(run_worker, worker, name);
  if (cpu >= 0) kthread_bind(task, static_cast<unsigned>(cpu));
  kthread_worker_flags(worker) = flags;
  kthread_worker_task(worker) = task;
  wake_up_state(task, kTaskNormal);
  return worker;
}

KAPI(__kthread_init_worker, Real, void,
     (k::kthread_worker * worker, const char* name, k::lock_class_key* key)) {
  init_worker(worker);
}
KAPI(kthread_worker_fn, Real, int, (void* worker)) { return run_worker(worker); }
KAPI_VA(kthread_create_worker, Real, k::kthread_worker*, (unsigned flags, const char* format),
        arguments) {
  return make(-1, flags, format, arguments);
}
KAPI_VA(kthread_create_worker_on_cpu, Real, k::kthread_worker*,
        (int cpu, unsigned flags, const char* format), arguments) {
  return make(cpu, flags, format, arguments);
}
KAPI(kthread_destroy_worker, Real, void, (k::kthread_worker * worker)) {
  k::task_struct* task = kthread_worker_task(worker);
  if (!task) return warn_report(kFile, 0, "kthread_destroy_worker", "");
  flush_worker(worker);
  kthread_stop(task);
  if (!list_empty(kthread_worker_delayed_work_list(worker)) ||
      !list_empty(kthread_worker_work_list(worker)))
    warn_report(kFile, 0, "kthread_destroy_worker", "");
  kernel_free(worker);
}

KAPI(kthread_queue_work, Real, bool, (k::kthread_worker * worker, k::kthread_work* work)) {
  IrqSpinGuard guard(kthread_worker_lock(worker));
  if (is_blocked(work)) return false;
  insert(worker, work, kthread_worker_work_list(worker));
  return true;
}
KAPI(kthread_flush_work, Real, void, (k::kthread_work * work)) { flush_work(work); }
KAPI(kthread_flush_worker, Real, void, (k::kthread_worker * worker)) { flush_worker(worker); }
KAPI(kthread_cancel_work_sync, Real, bool, (k::kthread_work * work)) { return cancel(work, false); }

KAPI(kthread_delayed_work_timer_fn, Real, void, (k::timer_list * timer)) {
  k::kthread_work* work = reinterpret_cast<k::kthread_work*>(
      reinterpret_cast<uint64_t>(timer) - kfield_kthread_delayed_work_timer.offset +
      kfield_kthread_delayed_work_work.offset);
  k::kthread_worker* worker = kthread_work_worker(work);
  if (!worker) return warn_report(kFile, 0, "kthread_delayed_work_timer_fn", "");
  IrqSpinGuard guard(kthread_worker_lock(worker));
  remove(work);
  if (!kthread_work_canceling(work)) insert(worker, work, kthread_worker_work_list(worker));
}
KAPI(kthread_queue_delayed_work, Real, bool,
     (k::kthread_worker * worker, k::kthread_delayed_work* delayed, unsigned long delay)) {
  k::kthread_work* work = work_of(delayed);
  IrqSpinGuard guard(kthread_worker_lock(worker));
  if (is_blocked(work)) return false;
  insert_delayed(worker, work, delay);
  return true;
}
KAPI(kthread_mod_delayed_work, Real, bool,
     (k::kthread_worker * worker, k::kthread_delayed_work* delayed, unsigned long delay)) {
  k::kthread_work* work = work_of(delayed);
  bool known = kthread_work_worker(work) != nullptr;
  if (known) stop_timer(worker, work);
  IrqSpinGuard guard(kthread_worker_lock(worker));
  if (known && kthread_work_canceling(work)) return true;  // somebody cancels it: left alone
  bool was = known && remove(work);
  insert_delayed(worker, work, delay);
  return was;
}
KAPI(kthread_cancel_delayed_work_sync, Real, bool, (k::kthread_delayed_work * delayed)) {
  return cancel(work_of(delayed), true);
}

}  // namespace
}  // namespace ring3::kernel
