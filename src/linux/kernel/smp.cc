// SPDX-License-Identifier: GPL-2.0-only
// Calls on other CPUs, irq_work, and the masks that say which CPUs there are. A call is put into
// the other CPU's list and its kCall interrupt raised; functions run there with interrupts off.
#include <cstring>
#include <deque>
#include <functional>

#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/irq_work.h"
#include "linux/include/kernel.h"
#include "linux/include/sched.h"
#include "linux/include/smp.h"
#include "linux/kernel/kthread.h"
#include "linux/kernel/sched/sched.h"
#include "machine/memory/memory.h"

namespace ring3::k {
struct irq_work;
struct __call_single_data;  // NOLINT: Linux's name
}  // namespace ring3::k

namespace ring3::kernel {

KPLACE(irq_work, node.a_flags, flags);
KFIELD(irq_work, func, void (*)(k::irq_work*));
KFIELD(__call_single_data, func, void (*)(void*));
KFIELD(__call_single_data, info, void*);

namespace {

constexpr unsigned kMaxCpus = 64;
using SmpFunction = void (*)(void*);

struct CallList {
  machine::SpinLock lock;
  std::deque<std::function<void()>> calls;
};
CallList lists[kMaxCpus];

uint64_t online() {
  unsigned cpus = machine_().cpu_count();
  return (cpus >= 64 ? 0 : 1ull << cpus) - 1;
}

void send(unsigned cpu, std::function<void()> call) {
  {
    machine::SpinGuard guard(lists[cpu].lock);
    lists[cpu].calls.push_back(std::move(call));
  }
  machine_().cpu(cpu).raise(machine::kCall);
}

void call_here(SmpFunction function, void* info) {
  uint64_t flags = interrupts_save();
  function(info);
  interrupts_restore(flags);
}

// On every CPU of the mask but this one, and here too if it is in it.
void call_on(uint64_t mask, SmpFunction function, void* info, bool wait, bool here) {
  preempt_disable();
  unsigned self = this_cpu();
  // Shared, for without waiting we are gone before the last call.
  auto left = std::make_shared<std::atomic<int>>(0);
  uint64_t others = mask & online() & ~(1ull << self);
  *left = __builtin_popcountll(others);
  for (unsigned cpu = 0; cpu < kMaxCpus; cpu++)
    if (others >> cpu & 1)
      send(cpu, [=] {
        function(info);
        left->fetch_sub(1, std::memory_order_release);
      });
  if (here && (mask >> self & 1)) call_here(function, info);
  Spinner spinner;
  while (wait && left->load(std::memory_order_acquire) > 0)
    if (!spinner.turn()) break;
  preempt_enable();
}

}  // namespace

void call_other_cpus(void (*function)(void*), void* info, bool wait) {
  call_on(~0ull, function, info, wait, false);
}

namespace {

uint64_t mask_of(const k::cpumask* mask) { return *reinterpret_cast<const uint64_t*>(mask); }

KAPI(smp_call_function_single, Real, int,
     (int cpu, void (*function)(void*), void* info, int wait)) {
  if (cpu < 0 || static_cast<unsigned>(cpu) >= machine_().cpu_count()) return -ENXIO;
  call_on(1ull << cpu, function, info, wait != 0, true);
  return 0;
}
KAPI(smp_call_function_single_async, Real, int, (int cpu, k::__call_single_data* data)) {
  if (cpu < 0 || static_cast<unsigned>(cpu) >= machine_().cpu_count()) return -ENXIO;
  send(static_cast<unsigned>(cpu),
       [data] { __call_single_data_func(data)(__call_single_data_info(data)); });
  return 0;
}
KAPI(smp_call_function, Real, void, (void (*function)(void*), void* info, int wait)) {
  call_on(~0ull, function, info, wait != 0, false);
}
KAPI(smp_call_function_many, Real, void,
     (const k::cpumask* mask, void (*function)(void*), void* info, bool wait)) {
  call_on(mask_of(mask), function, info, wait, false);
}
KAPI(smp_call_function_any, Real, int,
     (const k::cpumask* mask, void (*function)(void*), void* info, int wait)) {
  uint64_t among = mask_of(mask) & online();
  if (!among) return -ENXIO;
  unsigned cpu = among >> this_cpu() & 1 ? this_cpu() : __builtin_ctzll(among);
  call_on(1ull << cpu, function, info, wait != 0, true);
  return 0;
}
KAPI(on_each_cpu_cond_mask, Real, void,
     (bool (*condition)(int, void*), void (*function)(void*), void* info, bool wait,
      const k::cpumask* mask)) {
  uint64_t wanted = mask_of(mask) & online();
  if (condition)
    for (unsigned cpu = 0; cpu < kMaxCpus; cpu++)
      if ((wanted >> cpu & 1) && !condition(static_cast<int>(cpu), info)) wanted &= ~(1ull << cpu);
  call_on(wanted, function, info, wait, true);
}

// irq_work: flags bit 0 pending, bit 1 busy (include/linux/smp_types.h: the csd's type lies above).
constexpr unsigned kPending = 1, kBusy = 2;
std::atomic<unsigned>& work_flags(const k::irq_work* work) {
  return word<unsigned>(irq_work_flags(work));
}
void run_work(k::irq_work* work) {
  work_flags(work).fetch_and(~kPending);
  irq_work_func(work)(work);
  unsigned busy = kBusy;
  // Still busy if it was queued again meanwhile.
  unsigned flags = work_flags(work).load();
  while (!(flags & kPending) && !work_flags(work).compare_exchange_weak(flags, flags & ~busy)) {
  }
}
bool queue_work_on_cpu(k::irq_work* work, unsigned cpu) {
  if (work_flags(work).fetch_or(kPending | kBusy) & kPending) return false;
  send(cpu, [work] { run_work(work); });
  return true;
}
KAPI(irq_work_queue, Real, bool, (k::irq_work * work)) {
  return queue_work_on_cpu(work, this_cpu());
}
KAPI(irq_work_run, Real, void, ()) { run_cross_calls(*machine::Cpu::current()); }
KAPI(irq_work_sync, Real, void, (k::irq_work * work)) {
  Spinner spinner;
  while (work_flags(work).load() & kBusy)
    if (!spinner.turn()) return;
}

// Masks have NR_CPUS bits.
void fill_mask(void* at, unsigned cpus) {
  *static_cast<uint64_t*>(at) = (cpus >= 64 ? 0 : 1ull << cpus) - 1;
}
unsigned cpus_of_machine() { return machine::percpu().cpus(); }
KDATA_INIT(__cpu_online_mask, Real, "cpumask", 0)
{ fill_mask(at, cpus_of_machine()); }
KDATA_INIT(__cpu_possible_mask, Real, "cpumask", 0)
{ fill_mask(at, cpus_of_machine()); }
KDATA_INIT(__cpu_present_mask, Real, "cpumask", 0)
{ fill_mask(at, cpus_of_machine()); }
KDATA_INIT(__cpu_active_mask, Real, "cpumask", 0)
{ fill_mask(at, cpus_of_machine()); }
KDATA_INIT(__cpu_enabled_mask, Real, "cpumask", 0)
{ fill_mask(at, cpus_of_machine()); }
KDATA_INIT(__cpu_dying_mask, Real, "cpumask", 0)
{}
KDATA_INIT(nr_cpu_ids, Real, nullptr, sizeof(unsigned))
{ *static_cast<unsigned*>(at) = cpus_of_machine(); }
KDATA_INIT(__num_online_cpus, Real, nullptr, sizeof(int))
{ *static_cast<int*>(at) = static_cast<int>(cpus_of_machine()); }
KDATA_INIT(cpu_all_bits, Real, "cpumask", 0)
{ std::memset(at, 0xff, binding.target().size_of("cpumask").value_or(8)); }
// 65 masks: the first empty, then one for each bit of a word. The mask of CPU n is row 1 + n % 64,
// moved back by n / 64 words (include/linux/cpumask.h: get_cpu_mask).
KDATA_INIT(cpu_bit_bitmap, Real, "cpumask", 65)
{
  uint64_t words = binding.target().size_of("cpumask").value_or(8) / sizeof(uint64_t);
  for (unsigned bit = 0; bit < 64; bit++)
    static_cast<uint64_t*>(at)[(bit + 1) * words] = 1ull << bit;
}

constexpr char kNoHotplug[] = "CPUs neither come nor go";
KAPI(cpus_read_lock, Stub(kNoHotplug), void, ()) {}
KAPI(cpus_read_trylock, Stub(kNoHotplug), int, ()) { return 1; }
KAPI(cpus_read_unlock, Stub(kNoHotplug), void, ()) {}
KAPI(cpu_hotplug_disable, Stub(kNoHotplug), void, ()) {}
KAPI(cpu_hotplug_enable, Stub(kNoHotplug), void, ()) {}

}  // namespace

void run_cross_calls(machine::Cpu& cpu) {
  CallList& list = lists[cpu.number()];
  while (true) {
    std::function<void()> call;
    {
      machine::SpinGuard guard(list.lock);
      if (list.calls.empty()) return;
      call = std::move(list.calls.front());
      list.calls.pop_front();
    }
    call();
  }
}

void call_on_cpu(unsigned cpu, std::function<void()> call) { send(cpu, std::move(call)); }

void smp_init(machine::Machine&) {
  for (CallList& list : lists) list.calls.clear();
}

}  // namespace ring3::kernel
