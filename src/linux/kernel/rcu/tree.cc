// SPDX-License-Identifier: GPL-2.0-only
// Read-copy-update. Two kinds of reader hold up a grace period:
//
//  - tasks between rcu_read_lock() and rcu_read_unlock(). The outermost lock counts them in one of
//    two counters; a grace period turns the index and waits for the other counter to drain, twice,
//    so that a reader who was just about to count itself is not missed;
//  - CPUs with preemption, bottom halves or interrupts off. Each CPU is interrupted, and has left
//    whatever it was in when an interrupt finds it preemptible.
//
// Linux finds grace periods by watching context switches instead; what callers can see is the same.
#include <deque>

#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/rcu.h"
#include "linux/include/time.h"
#include "linux/kernel/fork.h"
#include "linux/kernel/kthread.h"
#include "linux/kernel/sched/sched.h"
#include "machine/parking.h"

namespace ring3::k {
struct callback_head;
struct rcu_gp_oldstate;
}  // namespace ring3::k

namespace ring3::kernel {

KFIELD(task_struct, rcu_read_lock_nesting, int);
KFIELD(callback_head, next, k::callback_head*);
KFIELD(callback_head, func, void (*)(k::callback_head*));

namespace {

constexpr unsigned kMaxCpus = 64;

struct Callback {
  k::callback_head* head;  // null: internal
  void (*function)(k::callback_head*);
  std::function<void()> internal;
};

struct State {
  std::atomic<unsigned> index{0};
  std::atomic<int> readers[2] = {};
  std::atomic<uint64_t> started{0};            // grace periods begun,
  std::atomic<uint64_t> completed{0};          // and over
  std::atomic<uint64_t> quiet[kMaxCpus] = {};  // the last grace period each CPU has passed
  std::atomic<bool> busy{false};               // one grace period at a time
  machine::SpinLock lock;                      // guards callbacks
  std::deque<Callback> callbacks;
  std::atomic<uint32_t> queued{0};
  std::atomic<bool> running{false};  // the thread exists
};
State rcu;

// Sleeps for a little while, if this context can; else spins.
void wait_a_little() { sleep_until(ktime_ns() + 500'000, kTaskUninterruptible); }

void wait_for_readers() {
  for (int round = 0; round < 2; round++) {
    unsigned old = rcu.index.load();
    rcu.index.store(old ^ 1);
    while (rcu.readers[old].load() > 0) wait_a_little();
  }
}

void wait_for_cpus(uint64_t period) {
  machine::Machine& machine = machine_();
  for (unsigned i = 0; i < machine.cpu_count(); i++)
    if (i != this_cpu()) machine.cpu(i).raise(machine::kCall);
  rcu.quiet[this_cpu()].store(period);  // we sleep: this CPU is preemptible right now
  for (unsigned i = 0; i < machine.cpu_count(); i++)
    while (rcu.quiet[i].load() < period) wait_a_little();
}

bool take_period() { return !rcu.busy.exchange(true); }
void give_period() {
  machine::Parking::unpark(
      &rcu.busy, [](uintptr_t) { return machine::Parking::Decision::kWakeAndStop; },
      [](unsigned) { rcu.busy = false; });
}

}  // namespace

void rcu_synchronize() {
  // Somebody else's grace period serves if it begins after now.
  uint64_t seen = rcu.started.load();
  while (!take_period()) {
    machine::Parking::park({.key = &rcu.busy}, [] { return rcu.busy.load(); });
    if (rcu.completed.load() > seen) return;
  }
  uint64_t period = rcu.started.fetch_add(1) + 1;
  wait_for_readers();
  wait_for_cpus(period);
  rcu.completed.store(period);
  give_period();
}

void rcu_note_interrupt(machine::Cpu& cpu) {
  // deliver_pending() counts one hard interrupt; nothing else may be there.
  unsigned count = cpu.preempt_count() & ~machine::kNoReschedule;
  if (count == machine::kHardirqOffset)
    rcu.quiet[cpu.number()].store(rcu.started.load(), std::memory_order_release);
}

void rcu_read_lock() {
  k::task_struct* task = current();
  if (task_struct_rcu_read_lock_nesting(task)++) return;
  unsigned index = rcu.index.load();
  rcu.readers[index].fetch_add(1);
  extra(task).rcu_index = static_cast<int>(index);
}

void rcu_read_unlock() {
  k::task_struct* task = current();
  if (--task_struct_rcu_read_lock_nesting(task)) return;
  rcu.readers[extra(task).rcu_index].fetch_sub(1);
}

void rcu_task_exits(k::task_struct* task) {
  if (task_struct_rcu_read_lock_nesting(task) <= 0) return;
  task_struct_rcu_read_lock_nesting(task) = 0;
  rcu.readers[extra(task).rcu_index].fetch_sub(1);
}

namespace {

void enqueue(Callback callback) {
  {
    machine::SpinGuard guard(rcu.lock);
    rcu.callbacks.push_back(std::move(callback));
  }
  machine::Parking::unpark(
      &rcu.queued, [](uintptr_t) { return machine::Parking::Decision::kWake; },
      [](unsigned) { rcu.queued++; });
}

void run_callbacks(std::deque<Callback>& batch) {
  local_bh_disable();
  for (Callback& callback : batch) {
    if (callback.head)
      callback.function(callback.head);
    else
      callback.internal();
  }
  local_bh_enable();
}

void rcu_thread() {
  while (true) {
    // Static: the thread is left where it stands when the machine ends, and its frame with it.
    static std::deque<Callback> batch;
    batch.clear();
    uint32_t seen = rcu.queued.load();
    {
      machine::SpinGuard guard(rcu.lock);
      batch.swap(rcu.callbacks);
    }
    if (batch.empty()) {
      machine::Parking::park({.key = &rcu.queued, .state = kTaskIdle},
                             [&] { return rcu.queued.load() == seen; });
      continue;
    }
    rcu_synchronize();
    run_callbacks(batch);
  }
}

}  // namespace

void rcu_init() {
  rcu.callbacks.clear();
  rcu.index = 0;
  rcu.readers[0] = rcu.readers[1] = 0;
  rcu.started = rcu.completed = 0;
  for (auto& quiet : rcu.quiet) quiet = 0;
  rcu.busy = false;
  rcu.running = false;
}

void rcu_start() {
  rcu.running = true;
  start_kernel_thread("rcu_preempt", ~0ull, &rcu_thread);
}

void rcu_defer(std::function<void()> fn) {
  machine::Machine* machine = machine::Machine::instance();
  if (!machine || machine->stopping() || !rcu.running) return fn();
  enqueue({nullptr, nullptr, std::move(fn)});
}

namespace {

KAPI(__rcu_read_lock, Real, void, ()) { rcu_read_lock(); }
KAPI(__rcu_read_unlock, Real, void, ()) { rcu_read_unlock(); }
KAPI(synchronize_rcu, Real, void, ()) {
  might_sleep();
  rcu_synchronize();
}
KAPI(synchronize_rcu_expedited, Real, void, ()) {
  might_sleep();
  rcu_synchronize();
}
KAPI(call_rcu, Real, void, (k::callback_head * head, void (*function)(k::callback_head*))) {
  callback_head_next(head) = nullptr;
  callback_head_func(head) = function;
  enqueue({head, function, {}});
}
KAPI_ALIAS(call_rcu_hurry, call_rcu);

// A callback of our own behind all that are queued.
void barrier() {
  struct Done {
    std::atomic<bool> done{false};
  } done;
  enqueue({nullptr, nullptr, [&done] {
             machine::Parking::unpark(
                 &done, [](uintptr_t) { return machine::Parking::Decision::kWake; },
                 [&done](unsigned) { done.done = true; });
           }});
  machine::Parking::park({.key = &done}, [&] { return !done.done.load(); });
}
KAPI(rcu_barrier, Real, void, ()) {
  might_sleep();
  barrier();
}

using FreeFunction = void (*)(const void*);
void free_any(const void* object) {
  if (auto address = running().binding->address("kvfree"))
    reinterpret_cast<FreeFunction>(address.value)(object);
}
void free_later(k::callback_head* head, const void* object) {
  if (head) return enqueue({nullptr, nullptr, [object] { free_any(object); }});
  // Without a head Linux waits when it has no memory for one; waiting is always right.
  might_sleep();
  rcu_synchronize();
  free_any(object);
}
namespace with_offset {  // until v6.1
// The "function" is the head's offset in the object, or, without a head, the object.
KAPI(kvfree_call_rcu, Real, void, (k::callback_head * head, void (*function)(k::callback_head*))) {
  uint64_t value = reinterpret_cast<uint64_t>(function);
  free_later(
      head, reinterpret_cast<const void*>(head ? reinterpret_cast<uint64_t>(head) - value : value));
}
}  // namespace with_offset
namespace with_pointer {  // since v6.2
KAPI(kvfree_call_rcu, Real, void, (k::callback_head * head, void* object)) {
  free_later(head, object);
}
}  // namespace with_pointer
KAPI(kvfree_rcu_barrier, Real, void, ()) { barrier(); }

// Polled grace periods: a cookie is the number of the grace period that must be over.
unsigned long cookie() { return rcu.started.load() + 1; }
bool passed(unsigned long cookie) { return rcu.completed.load() >= cookie; }
void start_period() {
  enqueue({nullptr, nullptr, [] {}});
}
KAPI(get_state_synchronize_rcu, Real, unsigned long, ()) { return cookie(); }
KAPI(start_poll_synchronize_rcu, Real, unsigned long, ()) {
  unsigned long value = cookie();
  start_period();
  return value;
}
KAPI_ALIAS(start_poll_synchronize_rcu_expedited, start_poll_synchronize_rcu);
KAPI(poll_state_synchronize_rcu, Real, bool, (unsigned long state)) { return passed(state); }
KAPI(get_completed_synchronize_rcu, Real, unsigned long, ()) { return 0; }
KAPI(cond_synchronize_rcu, Real, void, (unsigned long state)) {
  if (!passed(state)) kapi_body_synchronize_rcu();
}
KAPI_ALIAS(cond_synchronize_rcu_expedited, cond_synchronize_rcu);

// struct rcu_gp_oldstate: two words, of which one suffices.
unsigned long& first_word(k::rcu_gp_oldstate* state) {
  return *reinterpret_cast<unsigned long*>(state);
}
KAPI(get_state_synchronize_rcu_full, Real, void, (k::rcu_gp_oldstate * state)) {
  first_word(state) = cookie();
}
KAPI(start_poll_synchronize_rcu_full, Real, void, (k::rcu_gp_oldstate * state)) {
  first_word(state) = kapi_body_start_poll_synchronize_rcu();
}
KAPI_ALIAS(start_poll_synchronize_rcu_expedited_full, start_poll_synchronize_rcu_full);
KAPI(poll_state_synchronize_rcu_full, Real, bool, (k::rcu_gp_oldstate * state)) {
  return passed(first_word(state));
}
KAPI(get_completed_synchronize_rcu_full, Real, void, (k::rcu_gp_oldstate * state)) {
  first_word(state) = 0;
}
KAPI(cond_synchronize_rcu_full, Real, void, (k::rcu_gp_oldstate * state)) {
  kapi_body_cond_synchronize_rcu(first_word(state));
}
KAPI_ALIAS(cond_synchronize_rcu_expedited_full, cond_synchronize_rcu_full);

constexpr char kAlwaysFast[] = "grace periods have one speed";
KAPI(rcu_expedite_gp, Stub(kAlwaysFast), void, ()) {}
KAPI(rcu_unexpedite_gp, Stub(kAlwaysFast), void, ()) {}
KAPI(rcu_gp_is_expedited, Stub(kAlwaysFast), bool, ()) { return false; }
KAPI(rcu_gp_is_normal, Stub(kAlwaysFast), bool, ()) { return false; }
KAPI(rcu_is_watching, Real, bool, ()) { return true; }
KAPI(rcu_force_quiescent_state, Stub("grace periods already ask every CPU"), void, ()) {}
KAPI(rcu_note_context_switch, Stub("context switches are not what grace periods wait for"), void,
     (bool preempt)) {}
KAPI(rcu_momentary_eqs, Stub("interrupts tell where a CPU is"), void, ()) {}

// Tasks RCU waits for voluntary sleeps of tasks in trampolines, which only patched text has.
void tasks_period() {
  might_sleep();
  rcu_synchronize();
}
constexpr char kTasks[] = "waits for an ordinary grace period";
KAPI(synchronize_rcu_tasks, Partial(kTasks), void, ()) { tasks_period(); }
KAPI(synchronize_rcu_tasks_rude, Partial(kTasks), void, ()) { tasks_period(); }
KAPI(synchronize_rcu_tasks_trace, Partial(kTasks), void, ()) { tasks_period(); }
KAPI(call_rcu_tasks, Partial(kTasks), void,
     (k::callback_head * head, void (*function)(k::callback_head*))) {
  kapi_body_call_rcu(head, function);
}
KAPI(call_rcu_tasks_rude, Partial(kTasks), void,
     (k::callback_head * head, void (*function)(k::callback_head*))) {
  kapi_body_call_rcu(head, function);
}
KAPI(call_rcu_tasks_trace, Partial(kTasks), void,
     (k::callback_head * head, void (*function)(k::callback_head*))) {
  kapi_body_call_rcu(head, function);
}
KAPI(rcu_barrier_tasks, Partial(kTasks), void, ()) { barrier(); }
KAPI(rcu_barrier_tasks_rude, Partial(kTasks), void, ()) { barrier(); }
KAPI(rcu_barrier_tasks_trace, Partial(kTasks), void, ()) { barrier(); }

}  // namespace
}  // namespace ring3::kernel
