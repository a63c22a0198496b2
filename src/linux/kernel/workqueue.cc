// SPDX-License-Identifier: GPL-2.0-only
// Workqueues on machine::WorkEngine: making, flushing and destroying queues, and those that every
// kernel has. Workers are kernel threads named as Linux names them. There are no rescuers: a pool
// can always make another worker, so a queue with WQ_MEM_RECLAIM is an ordinary one.
#include "linux/kernel/workqueue.h"

#include "base/check.h"
#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/bug.h"
#include "linux/include/format.h"
#include "linux/include/irq_work.h"
#include "linux/include/kernel.h"
#include "linux/include/printk.h"
#include "linux/include/slab.h"
#include "linux/include/softirq.h"
#include "linux/kernel/kthread.h"
#include "linux/kernel/sched/sched.h"

namespace ring3::k {
struct lock_class_key;
}  // namespace ring3::k

namespace ring3::kernel {
namespace {

constexpr unsigned kWorkerFlag = 0x20;  // PF_WQ_WORKER
constexpr char kFile[] = "kernel/workqueue.c";

struct State {
  std::unique_ptr<machine::WorkEngine> engine;
  bool can_be_disabled = false;
  int default_active = 256;
  int most_active = 512;
  size_t name_size = 24;
};
State works;

uint64_t read_function(machine::WorkWord* word) {
  return reinterpret_cast<uint64_t>(work_struct_func(work_of(word)));
}

// A worker looks at the next item. One that was freed meanwhile is the module's fault: the record
// makes it an oops of this worker, in a function of Linux's name.
constexpr kapi::Record kProcessRecord = kapi::unlisted("process_one_work");
[[gnu::noinline]] uint64_t read_in_worker(machine::WorkWord* word) {
  kapi::Crossing crossing(&kProcessRecord);
  return read_function(word);
}

uint64_t identity(machine::WorkWord* word) {
  return kapi::gs_calls() ? read_function(word) : read_in_worker(word);
}

// Linux 6.9 (1a65a6d17cbc) says it in other words.
void complain_leak(uint64_t function) {
  if (works.can_be_disabled)
    kernel_print(KERN_ERR
                 "BUG: workqueue leaked atomic, lock or RCU: %s[%d]\n"
                 "     preempt=0x%08x lock=%d->%d RCU=%d->%d workfn=%ps\n",
                 current_comm(), current_pid(), preempt_count(), 0, 0, 0, 0,
                 reinterpret_cast<void*>(function));
  else
    kernel_print(KERN_ERR
                 "BUG: workqueue leaked lock or atomic: %s/0x%08x/%d\n     last function: %ps\n",
                 current_comm(), preempt_count(), current_pid(), reinterpret_cast<void*>(function));
  if (running().dump_stack) running().dump_stack(KERN_ERR);
}

void run(machine::WorkWord* word, uint64_t function) {
  unsigned before = preempt_count();
  reinterpret_cast<void (*)(k::work_struct*)>(function)(work_of(word));
  unsigned after = preempt_count();
  if (after == before) return;
  complain_leak(function);
  preempt_count_add(before - after);
}

void start_worker(const std::string& name, uint64_t cpus, std::function<void()> body) {
  start_kernel_thread(name, cpus, [body = std::move(body)] {
    task_struct_flags(current()) |= kWorkerFlag;
    body();
  });
}

void raise_bh(unsigned cpu, bool high) {
  auto raise = [high] { raise_softirq(high ? kHighSoftirq : kTaskletSoftirq); };
  if (cpu == this_cpu())
    raise();
  else
    call_on_cpu(cpu, raise);
}

k::workqueue_struct* make(uint64_t owner, const char* name, unsigned flags, int max_active) {
  auto* face =
      static_cast<WorkQueueFace*>(kernel_allocate_for(owner, sizeof(WorkQueueFace), kGfpKernel));
  if (!face) return nullptr;
  new (face) WorkQueueFace{.queue = nullptr, .flags = flags, .drainers = 0, .name = {}};
  format_text(face->name, std::min(sizeof(face->name), works.name_size), "%s", name);
  face->queue = works.engine->create({.name = face->name,
                                      .unbound = (flags & kWorkUnbound) != 0,
                                      .high = (flags & kWorkHigh) != 0,
                                      .bh = (flags & kWorkBh) != 0,
                                      .cpu_intensive = (flags & kWorkCpuIntensive) != 0,
                                      .max_active = static_cast<unsigned>(max_active)});
  face->queue->owner = face;
  return reinterpret_cast<k::workqueue_struct*>(face);
}

int clamp_active(int wanted, const char* name) {
  int clamped = std::clamp(wanted, 1, works.most_active);
  if (clamped != wanted)
    kernel_print(KERN_WARNING
                 "workqueue: max_active %d requested for %s is out of range, clamping between %d "
                 "and %d\n",
                 wanted, name, 1, works.most_active);
  return clamped;
}

void flush(k::workqueue_struct* queue) {
  might_sleep();
  check_flush(face_of(queue).queue, nullptr);
  works.engine->wait_for_all_so_far(face_of(queue).queue);
}

// Until nothing is left, items that queue others included.
void drain(WorkQueueFace& face, const char* function) {
  might_sleep();
  face.drainers.fetch_add(1);
  for (unsigned tries = 1;; tries++) {
    check_flush(face.queue, nullptr);
    works.engine->wait_for_all_so_far(face.queue);
    if (works.engine->is_empty(face.queue)) break;
    if (tries == 10 || (tries % 100 == 0 && tries <= 1000))
      kernel_print(KERN_WARNING "workqueue %s: %s() isn't complete after %u tries\n", face.name,
                   function, tries);
  }
  face.drainers.fetch_sub(1);
}

KDATA(system_wq, Real, k::workqueue_struct*);
KDATA(system_percpu_wq, Real, k::workqueue_struct*);
KDATA(system_highpri_wq, Real, k::workqueue_struct*);
KDATA(system_long_wq, Real, k::workqueue_struct*);
KDATA(system_unbound_wq, Real, k::workqueue_struct*);
KDATA(system_dfl_wq, Real, k::workqueue_struct*);
KDATA(system_freezable_wq, Real, k::workqueue_struct*);
KDATA(system_power_efficient_wq, Real, k::workqueue_struct*);
KDATA(system_freezable_power_efficient_wq, Real, k::workqueue_struct*);
KDATA(system_bh_wq, Real, k::workqueue_struct*);
KDATA(system_bh_highpri_wq, Real, k::workqueue_struct*);

struct SystemQueue {
  k::workqueue_struct** (*place)();
  const char* name;
  unsigned flags;
};
constexpr SystemQueue kSystemQueues[] = {
    {kdata_system_wq, "events", 0},
    {kdata_system_percpu_wq, "events", 0},
    {kdata_system_highpri_wq, "events_highpri", kWorkHigh},
    {kdata_system_long_wq, "events_long", 0},
    {kdata_system_unbound_wq, "events_unbound", kWorkUnbound},
    {kdata_system_dfl_wq, "events_unbound", kWorkUnbound},
    {kdata_system_freezable_wq, "events_freezable", 0},
    {kdata_system_power_efficient_wq, "events_power_efficient", 0},
    {kdata_system_freezable_power_efficient_wq, "events_freezable_pwr_efficient", 0},
    {kdata_system_bh_wq, "events_bh", kWorkBh},
    {kdata_system_bh_highpri_wq, "events_bh_highpri", kWorkBh | kWorkHigh},
};

bool is_ordered(const WorkQueueFace& face) { return face.flags & kWorkOrdered; }

KAPI_VA(alloc_workqueue, Real, k::workqueue_struct*,
        (const char* format, unsigned flags, int max_active), arguments) {
  char name[64];
  format_text(name, sizeof(name), format, arguments);
  // Implicitly ordered; since v6.6 only on demand, which is the same here: one at a time.
  if ((flags & kWorkUnbound) && max_active == 1) flags |= kWorkOrdered;
  if (flags & kWorkBh) {
    constexpr unsigned kAllowed = kWorkBh | kWorkHigh | 0x100;  // WQ_PERCPU, where it exists
    if ((flags & ~kAllowed) || max_active) {
      RING3_WARN_ONCE(kFile, 0, "alloc_workqueue", "");
      return nullptr;
    }
    max_active = INT32_MAX;
  } else {
    max_active = clamp_active(max_active ? max_active : works.default_active, name);
  }
  return make(module_caller(), name, flags, max_active);
}

KAPI(destroy_workqueue, Real, void, (k::workqueue_struct * queue)) {
  WorkQueueFace& face = face_of(queue);
  face.flags |= kWorkDestroying;
  drain(face, "destroy_workqueue");
  if (!works.engine->is_empty(face.queue)) {
    warn_report(kFile, 0, "destroy_workqueue", "");
    kernel_print(KERN_WARNING "%s: %s has the following busy pwq\n", "destroy_workqueue",
                 face.name);
    return;
  }
  works.engine->destroy(face.queue);
  kernel_free(&face);
}
KAPI(__flush_workqueue, Real, void, (k::workqueue_struct * queue)) { flush(queue); }
KAPI(drain_workqueue, Real, void, (k::workqueue_struct * queue)) {
  drain(face_of(queue), "drain_workqueue");
}
KAPI(workqueue_set_max_active, Real, void, (k::workqueue_struct * queue, int max_active)) {
  WorkQueueFace& face = face_of(queue);
  if (is_ordered(face) || (face.flags & kWorkBh)) {
    RING3_WARN_ONCE(kFile, 0, "workqueue_set_max_active", "");
    return;
  }
  works.engine->set_max_active(face.queue,
                               static_cast<unsigned>(clamp_active(max_active, face.name)));
}
KAPI(workqueue_congested, Real, bool, (int cpu, k::workqueue_struct* queue)) {
  return works.engine->congested(face_of(queue).queue, static_cast<unsigned>(cpu));
}
KAPI(current_work, Real, k::work_struct*, ()) {
  machine::WorkWord* word = works.engine->current_word();
  return word ? work_of(word) : nullptr;
}
KAPI_VA(set_worker_desc, Stub("it is shown in reports about workers, which are not made"), void,
        (const char* format), arguments) {}
KAPI(__warn_flushing_systemwide_wq, Real, void, ()) {
  static std::atomic<bool> said{false};
  if (said.exchange(true)) return;
  kernel_print(KERN_WARNING
               "WARNING: Flushing system-wide workqueues will be prohibited in near future.\n");
  if (running().dump_stack) running().dump_stack("");
}

// A call in a worker of that CPU; the item lies on the caller's stack.
struct CallOnCpu {
  alignas(16) char work[128];
  long (*function)(void*);
  void* argument;
  long result;
};
long call_in_worker(int cpu, long (*function)(void*), void* argument) {
  CHECK(sizeof_work_struct() <= sizeof(CallOnCpu::work));
  CallOnCpu call{.work = {}, .function = function, .argument = argument, .result = 0};
  auto* work = reinterpret_cast<k::work_struct*>(call.work);
  init_work(work, [](k::work_struct* item) {
    auto* self = reinterpret_cast<CallOnCpu*>(item);
    self->result = self->function(self->argument);
  });
  queue_work(static_cast<unsigned>(cpu), system_work_queue(), work);
  flush_work(work);
  return call.result;
}
KAPI(work_on_cpu_key, Real, long,
     (int cpu, long (*function)(void*), void* argument, k::lock_class_key* key)) {
  return call_in_worker(cpu, function, argument);
}
KAPI(work_on_cpu_safe_key, Real, long,
     (int cpu, long (*function)(void*), void* argument, k::lock_class_key* key)) {
  if (cpu < 0 || static_cast<unsigned>(cpu) >= machine_().cpu_count()) return -ENODEV;
  return call_in_worker(cpu, function, argument);
}

}  // namespace

machine::WorkEngine& work_engine() { return *works.engine; }
bool work_can_be_disabled() { return works.can_be_disabled; }
k::workqueue_struct* system_work_queue() { return *kdata_system_wq(); }
k::workqueue_struct* unbound_work_queue() { return *kdata_system_unbound_wq(); }

// Waiting in a queue that promises progress for one that does not breaks the promise.
void check_flush(machine::WorkQueue* target, const k::work_struct* work) {
  if (!target) return;
  auto& face = *static_cast<WorkQueueFace*>(target->owner);
  machine::WorkQueue* current_queue = works.engine->current_queue();
  if ((face.flags & kWorkReclaim) || !current_queue) return;
  auto& from = *static_cast<WorkQueueFace*>(current_queue->owner);
  if ((from.flags & (kWorkReclaim | kWorkLegacy)) != kWorkReclaim) return;
  char text[256];
  format_text(text, sizeof(text),
              "workqueue: WQ_MEM_RECLAIM %s:%ps is flushing !WQ_MEM_RECLAIM %s:%ps\n", from.name,
              reinterpret_cast<void*>(works.engine->current_identity()), face.name,
              work ? reinterpret_cast<void*>(work_struct_func(work)) : nullptr);
  RING3_WARN_ONCE(kFile, 0, "check_flush_dependency", text);
}

void workqueue_softirq(bool high) { works.engine->run_bh(this_cpu(), high); }

void workqueue_init() {
  const target::Target& target = running().binding->target();
  works.can_be_disabled = target.find_export("disable_work").has_value();
  works.default_active = static_cast<int>(target.enumerator("WQ_DFL_ACTIVE").value_or(256));
  works.most_active = static_cast<int>(target.enumerator("WQ_MAX_ACTIVE").value_or(512));
  works.name_size = static_cast<size_t>(target.enumerator("WQ_NAME_LEN").value_or(24));
  // Pools are numbered: two of each CPU, and two more where there are BH pools; then the unbound.
  unsigned of_a_cpu = target.find_export("system_bh_wq") ? 4 : 2;
  works.engine = std::make_unique<machine::WorkEngine>(
      machine_(),
      machine::WorkHooks{
          .identity = identity, .run = run, .start = start_worker, .raise_bh = raise_bh},
      of_a_cpu * machine_().cpu_count());
  for (const SystemQueue& queue : kSystemQueues) {
    if (!queue.place()) continue;
    int max_active = queue.flags & kWorkBh        ? INT32_MAX
                     : queue.flags & kWorkUnbound ? works.most_active
                                                  : works.default_active;
    *queue.place() = make(0, queue.name, queue.flags, max_active);
  }
}

void workqueue_exit() {
  for (const SystemQueue& queue : kSystemQueues)
    if (queue.place() && *queue.place()) kernel_free(*queue.place());
  works.engine.reset();
  async_exit();
}

}  // namespace ring3::kernel
