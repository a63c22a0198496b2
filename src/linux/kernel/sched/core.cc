// SPDX-License-Identifier: GPL-2.0-only
// schedule() and its kin: the engine's, plus what Linux says when somebody sleeps where nobody may.
// The preemption model is the one Debian boots with (PREEMPT_DYNAMIC, voluntary) in what functions
// answer; in fact a task in module code is also preempted when its slice is over.
#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/printk.h"
#include "linux/include/sched.h"
#include "linux/include/time.h"
#include "linux/kernel/sched/sched.h"
#include "machine/memory/memory.h"

namespace ring3::k {
struct spinlock;
struct rwlock_t;
struct sched_attr;
struct swait_queue_head;
}  // namespace ring3::k

namespace ring3::kernel {

KFIELD_MAYBE(pcpu_hot, current_task, k::task_struct*);
KFIELD_MAYBE(pcpu_hot, preempt_count, int);
KFIELD_MAYBE(pcpu_hot, cpu_number, int);
KPLACE(task_struct, cpus_mask, cpus_mask);
KFIELD(task_struct, cpus_ptr, const k::cpumask*);
KFIELD(task_struct, nr_cpus_allowed, int);
KFIELD(task_struct, static_prio, int);
KFIELD(task_struct, prio, int);
KFIELD(task_struct, normal_prio, int);
KFIELD(task_struct, policy, unsigned);
KFIELD(task_struct, rt_priority, unsigned);

uint64_t current_task_offset(const kapi::Binding& binding) {
  KernelAddress hot = binding.address("pcpu_hot");
  if (hot) return hot.value + kfield_pcpu_hot_current_task.offset;
  return binding.address("current_task").value;
}
uint64_t preempt_count_offset(const kapi::Binding& binding) {
  KernelAddress hot = binding.address("pcpu_hot");
  if (hot) return hot.value + kfield_pcpu_hot_preempt_count.offset;
  return binding.address("__preempt_count").value;
}

void preempt_check() {
  if (machine::Cpu::current()->preempt_count() != 0 || !kapi::gs_interrupts_on()) return;
  if (!is_idle_task()) machine_().scheduler().preempt();
}
void preempt_enable() {
  preempt_count_sub(1);
  preempt_check();
}

namespace {

// One complaint a second, as Linux's own __might_resched.
bool complain_now() {
  static std::atomic<uint64_t> last{0};
  uint64_t now = machine_().clock().now_ns() + 1, before = last.load();
  if (before && now - before < 1'000'000'000) return false;
  return last.compare_exchange_strong(before, now);
}

void complain_atomic() {
  kernel_print(KERN_ERR "BUG: scheduling while atomic: %s/%d/0x%08x\n", current_comm(),
               current_pid(), preempt_count());
  if (running().dump_stack) running().dump_stack(KERN_ERR);
}

}  // namespace

void schedule() {
  if (preempt_count()) {
    complain_atomic();
    if (is_idle_task()) return;  // nobody who could sleep
  }
  machine_().scheduler().schedule();
}

bool signal_pending(unsigned state) {
  machine::Task* task = this_task();
  return ((state & kTaskInterruptible) && task->signalled.load()) ||
         ((state & kTaskWakeKill) && task->fatally_signalled.load());
}

bool wake_up_state(k::task_struct* kernel, unsigned states) {
  machine::Task* task = task_of(kernel);
  return task && machine_().scheduler().wake(task, states);
}

void might_sleep(const char* file, int line) {
  unsigned count = preempt_count();
  bool interrupts_off = !kapi::gs_interrupts_on();
  if (!count && !interrupts_off) [[likely]]
    return;
  if (is_idle_task() || !complain_now()) return;
  const kapi::CallRecord* call = kapi::gs_calls();
  const char* place = file ? file : call && call->function ? call->function->name : "ring3";
  kernel_print(KERN_ERR "BUG: sleeping function called from invalid context at %s:%d\n", place,
               line);
  kernel_print(KERN_ERR "in_atomic(): %d, irqs_disabled(): %d, non_block: 0, pid: %d, name: %s\n",
               count != 0, interrupts_off, current_pid(), current_comm());
  kernel_print(KERN_ERR "preempt_count: %x, expected: 0\n", count);
  if (running().dump_stack) running().dump_stack(KERN_ERR);
}

namespace {

KPERCPU(current_task, Real, k::task_struct*);
KPERCPU(__preempt_count, Real, int);
KPERCPU_INIT(cpu_number, Real, nullptr, sizeof(int)) {
  auto position = machine::percpu().find(reinterpret_cast<uint64_t>(at));
  *static_cast<int*>(at) = position ? static_cast<int>(position->cpu) : 0;
}
KPERCPU_INIT(pcpu_hot, Real, "pcpu_hot", 0) {
  auto position = machine::percpu().find(reinterpret_cast<uint64_t>(at));
  pcpu_hot_cpu_number(at) = position ? static_cast<int>(position->cpu) : 0;
}
KPERCPU_ALIAS(const_pcpu_hot, pcpu_hot, Real, "pcpu_hot");

KAPI(schedule, Real, void, ()) { schedule(); }
KAPI(io_schedule, Real, void, ()) { schedule(); }
KAPI(yield, Real, void, ()) {
  set_current_state(kTaskRunning);
  schedule();
}
KAPI(yield_to, Partial("yields to whoever is next, not to the task named"), int,
     (k::task_struct * task, bool preempt)) {
  kapi_body_yield();
  return 1;
}
KAPI(preempt_schedule, Real, void, ()) { preempt_check(); }
KAPI(preempt_schedule_notrace, Real, void, ()) { preempt_check(); }

// A slice that is over ends here. Nothing else happens on our way through the runtime, so what is
// pending is taken first.
int cond_resched() {
  if (preempt_count() || is_idle_task() || !kapi::gs_interrupts_on()) return 0;
  if (kapi::gs_interrupt_pending()) {
    machine::deliver_pending();  // preempts as well
    return 1;
  }
  if (machine::Cpu::current()->preempt_count() != 0) return 0;
  machine_().scheduler().preempt();
  return 1;
}
KAPI(__cond_resched, Real, int, ()) { return cond_resched(); }
template <class Lock, class Unlock>
int cond_resched_lock(Lock&& relock, Unlock&& unlock) {
  bool wanted = !(machine::Cpu::current()->preempt_count() & machine::kNoReschedule);
  if (!wanted) return 0;
  unlock();
  preempt_count_sub(1);
  cond_resched();
  preempt_count_add(1);
  relock();
  return 1;
}
KAPI(__cond_resched_lock, Real, int, (k::spinlock * lock)) {
  return cond_resched_lock([&] { spin_lock_word(lock); }, [&] { spin_unlock_word(lock); });
}
KAPI(__cond_resched_rwlock_read, Real, int, (k::rwlock_t * lock)) {
  return cond_resched_lock([&] { read_lock_word(lock); }, [&] { read_unlock_word(lock); });
}
KAPI(__cond_resched_rwlock_write, Real, int, (k::rwlock_t * lock)) {
  return cond_resched_lock([&] { write_lock_word(lock); }, [&] { write_unlock_word(lock); });
}

// Static calls: modules call the trampolines below and expect every register but the answer's to be
// kept (sched/static_calls.S).
constexpr kapi::Record kReschedRecord =
    kapi::unlisted("__SCT__cond_resched", kapi::Kind::kAssembly);

template <class Body>
int from_trampoline(uint64_t cfa, uint64_t rbp, Body&& body) {
  kapi::CallRecord record{kapi::gs_calls(), &kReschedRecord, cfa, rbp};
  kapi::set_gs_calls(&record);
  int result = body();
  kapi::set_gs_calls(record.outer);
  if (kapi::gs_interrupt_pending()) machine::deliver_pending();
  return result;
}

}  // namespace
}  // namespace ring3::kernel

extern "C" int ring3_cond_resched_from(uint64_t cfa, uint64_t rbp) {
  return ring3::kernel::from_trampoline(cfa, rbp, [] { return ring3::kernel::cond_resched(); });
}
extern "C" int ring3_preempt_schedule_from(uint64_t cfa, uint64_t rbp) {
  return ring3::kernel::from_trampoline(cfa, rbp, [] {
    ring3::kernel::preempt_check();
    return 0;
  });
}

namespace ring3::kernel {
namespace {

KAPI_ASM(__SCT__cond_resched, Real, ring3_sct_cond_resched);
KAPI_ASM(__SCT__might_resched, Real, ring3_sct_might_resched);
KAPI_ASM(__SCT__preempt_schedule, Real, ring3_sct_preempt_schedule);
KAPI_ASM(__SCT__preempt_schedule_notrace, Real, ring3_sct_preempt_schedule_notrace);
KAPI_ASM(preempt_schedule_thunk, Real, ring3_preempt_schedule_thunk);
KAPI_ASM(preempt_schedule_notrace_thunk, Real, ring3_preempt_schedule_notrace_thunk);

KAPI(preempt_model_none, Real, bool, ()) { return false; }
KAPI(preempt_model_voluntary, Real, bool, ()) { return true; }
KAPI(preempt_model_full, Real, bool, ()) { return false; }

KAPI(wake_up_process, Real, int, (k::task_struct * task)) {
  return wake_up_state(task, kTaskNormal);
}
KAPI(wake_up_all_idle_cpus, Stub("idle CPUs have no deep states to leave"), void, ()) {}

// Priorities are noted where modules read them. The run queue is first come, first served.
constexpr int kDefaultPriority = 120, kMaxRealtime = 100;
void set_policy(k::task_struct* task, unsigned policy, unsigned realtime, int nice) {
  task_struct_policy(task) = policy;
  task_struct_rt_priority(task) = realtime;
  task_struct_static_prio(task) = kDefaultPriority + nice;
  int priority = realtime ? kMaxRealtime - 1 - static_cast<int>(realtime) : kDefaultPriority + nice;
  task_struct_normal_prio(task) = priority;
  task_struct_prio(task) = priority;
}
constexpr char kNoPriorities[] = "notes the priority; the run queue is first come, first served";
KAPI(set_user_nice, Partial(kNoPriorities), void, (k::task_struct * task, long nice)) {
  if (nice >= -20 && nice <= 19 && !task_struct_rt_priority(task))
    set_policy(task, task_struct_policy(task), 0, static_cast<int>(nice));
}
KAPI(sched_set_fifo, Partial(kNoPriorities), void, (k::task_struct * task)) {
  set_policy(task, 1, kMaxRealtime / 2, 0);
}
KAPI(sched_set_fifo_low, Partial(kNoPriorities), void, (k::task_struct * task)) {
  set_policy(task, 1, 1, 0);
}
KAPI(sched_set_normal, Partial(kNoPriorities), void, (k::task_struct * task, int nice)) {
  set_policy(task, 0, 0, nice);
}
// struct sched_attr is the same everywhere (uapi/linux/sched/types.h).
struct Attributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
};
KAPI(sched_setattr_nocheck, Partial(kNoPriorities), int,
     (k::task_struct * task, const k::sched_attr* attributes)) {
  const auto* wanted = reinterpret_cast<const Attributes*>(attributes);
  bool realtime = wanted->policy == 1 || wanted->policy == 2;  // SCHED_FIFO, SCHED_RR
  if (realtime != (wanted->priority != 0) || wanted->priority >= kMaxRealtime) return -EINVAL;
  set_policy(task, wanted->policy, wanted->priority, realtime ? 0 : wanted->nice);
  return 0;
}

// Masks have as many bits as the target's NR_CPUS; the machine has at most 64 CPUs.
KAPI(set_cpus_allowed_ptr, Real, int, (k::task_struct * task, const k::cpumask* mask)) {
  uint64_t online = (machine_().cpu_count() >= 64 ? 0 : 1ull << machine_().cpu_count()) - 1;
  uint64_t wanted = *reinterpret_cast<const uint64_t*>(mask) & online;
  if (!wanted) return -EINVAL;
  *static_cast<uint64_t*>(task_struct_cpus_mask(task)) = wanted;
  task_struct_nr_cpus_allowed(task) = __builtin_popcountll(wanted);
  machine::Task* engine = task_of(task);
  if (!engine) return 0;
  machine_().scheduler().allow_cpus(engine, wanted);
  if (engine == this_task() && !(wanted >> this_cpu() & 1) && !preempt_count())
    machine_().scheduler().preempt();  // moves
  return 0;
}

}  // namespace
}  // namespace ring3::kernel
