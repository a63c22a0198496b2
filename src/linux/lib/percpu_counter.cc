// SPDX-License-Identifier: GPL-2.0-only
// lib/percpu_counter.c: a count in one word, which modules read inline, and what each CPU has not
// added to it yet.
#include <algorithm>
#include <cerrno>

#include "kapi/kapi.h"
#include "linux/include/list.h"
#include "linux/include/sched.h"
#include "linux/include/slab.h"
#include "machine/memory/memory.h"

namespace ring3::k {
struct percpu_counter;
struct lock_class_key;
}  // namespace ring3::k

namespace ring3::kernel {

KSIZE(percpu_counter);
KPLACE(percpu_counter, lock, lock);
KFIELD(percpu_counter, count, long long);
KPLACE(percpu_counter, list, list);
KFIELD(percpu_counter, counters, int*);

namespace {

using Counter = k::percpu_counter;

unsigned cpus() { return machine::percpu().cpus(); }
int& part(const Counter* counter, unsigned cpu) {
  return *static_cast<int*>(
      machine::percpu().at(cpu, reinterpret_cast<uint64_t>(percpu_counter_counters(counter))));
}
Counter* nth(Counter* first, unsigned index) {
  return reinterpret_cast<Counter*>(reinterpret_cast<uint64_t>(first) +
                                    index * sizeof_percpu_counter());
}

KDATA_INIT(percpu_counter_batch, Real, nullptr, sizeof(int))
{
  int count = machine::has_memory() ? static_cast<int>(cpus()) : 1;
  *static_cast<int*>(at) = std::max(32, 2 * count);
}

int init(Counter* first, int64_t amount, unsigned gfp, unsigned count) {
  uint64_t place = machine::percpu().allocate(count * sizeof(int), alignof(int), module_caller(),
                                              !(gfp & kGfpNoFail));
  if (!place) {
    percpu_counter_counters(first) = nullptr;
    return -ENOMEM;
  }
  for (unsigned i = 0; i < count; i++) {
    Counter* counter = nth(first, i);
    *static_cast<uint32_t*>(percpu_counter_lock(counter)) = 0;
    list_init(percpu_counter_list(counter));
    percpu_counter_count(counter) = amount;
    percpu_counter_counters(counter) = reinterpret_cast<int*>(place + i * sizeof(int));
  }
  return 0;
}
void destroy(Counter* first, unsigned count) {
  if (!percpu_counter_counters(first)) return;
  machine::percpu().free(reinterpret_cast<uint64_t>(percpu_counter_counters(first)),
                         module_caller());
  for (unsigned i = 0; i < count; i++) percpu_counter_counters(nth(first, i)) = nullptr;
}

int64_t sum(Counter* counter) {
  IrqSpinGuard guard(percpu_counter_lock(counter));
  int64_t total = percpu_counter_count(counter);
  for (unsigned cpu = 0; cpu < cpus(); cpu++) total += part(counter, cpu);
  return total;
}

KAPI(__percpu_counter_init_many, Real, int,
     (Counter * first, long long amount, unsigned gfp, uint32_t count, k::lock_class_key*)) {
  return init(first, amount, gfp, count);
}
KAPI(__percpu_counter_init, Real, int,
     (Counter * counter, long long amount, unsigned gfp, k::lock_class_key*)) {
  return init(counter, amount, gfp, 1);
}
KAPI(percpu_counter_destroy_many, Real, void, (Counter * first, uint32_t count)) {
  destroy(first, count);
}
KAPI(percpu_counter_destroy, Real, void, (Counter * counter)) { destroy(counter, 1); }
KAPI(percpu_counter_add_batch, Real, void, (Counter * counter, long long amount, int batch)) {
  uint64_t flags = interrupts_save();
  int& mine = part(counter, this_cpu());
  int64_t count = mine + amount;
  if (count >= batch || count <= -int64_t{batch}) {
    IrqSpinGuard guard(percpu_counter_lock(counter));
    percpu_counter_count(counter) += count;
    mine = 0;
  } else {
    mine = static_cast<int>(count);
  }
  interrupts_restore(flags);
}
KAPI(percpu_counter_sync, Real, void, (Counter * counter)) {
  IrqSpinGuard guard(percpu_counter_lock(counter));
  int& mine = part(counter, this_cpu());
  percpu_counter_count(counter) += mine;
  mine = 0;
}
KAPI(percpu_counter_set, Real, void, (Counter * counter, long long amount)) {
  IrqSpinGuard guard(percpu_counter_lock(counter));
  for (unsigned cpu = 0; cpu < cpus(); cpu++) part(counter, cpu) = 0;
  percpu_counter_count(counter) = amount;
}
KAPI(__percpu_counter_sum, Real, long long, (Counter * counter)) { return sum(counter); }
KAPI(__percpu_counter_compare, Real, int, (Counter * counter, long long than, int batch)) {
  int64_t count = percpu_counter_count(counter);
  int64_t unsure = int64_t{batch} * cpus();
  if (count - than <= unsure && than - count <= unsure) count = sum(counter);
  return count > than ? 1 : count < than ? -1 : 0;
}

}  // namespace
}  // namespace ring3::kernel
