// SPDX-License-Identifier: GPL-2.0-only
// lib/percpu-refcount.c: references that each CPU counts for itself until the object is about to
// go; then, a grace period later, they are added up and counted in one word. Getting and putting is
// inlined into modules. Bit 0 of percpu_count_ptr: counted in one word; bit 1: killed.
#include <cerrno>

#include "kapi/kapi.h"
#include "linux/include/bug.h"
#include "linux/include/rcu.h"
#include "linux/include/slab.h"
#include "machine/memory/memory.h"
#include "machine/parking.h"

namespace ring3::k {
struct percpu_ref;
struct percpu_ref_data;
}  // namespace ring3::k

namespace ring3::kernel {

using RefFunction = void (*)(k::percpu_ref*);
KFIELD(percpu_ref, percpu_count_ptr, unsigned long);
KFIELD(percpu_ref, data, k::percpu_ref_data*);
KSIZE(percpu_ref_data);
KPLACE(percpu_ref_data, count, count);
KFIELD(percpu_ref_data, release, RefFunction);
KFIELD(percpu_ref_data, ref, k::percpu_ref*);

namespace {

using Ref = k::percpu_ref;

constexpr unsigned long kAtomic = 1, kDead = 2;
constexpr unsigned kInitAtomic = 1, kInitDead = 2, kAllowReinit = 4;
constexpr uint64_t kBias = 1ull << 63;  // keeps the word from 0 while CPUs count

// Behind struct percpu_ref_data in its memory; Linux has bit fields there that nobody else reads.
struct Own {
  std::atomic<bool> switching{false};
  bool force_atomic = false;
  bool may_return = false;
};
Own& own(const Ref* ref) {
  return *reinterpret_cast<Own*>(reinterpret_cast<uint64_t>(percpu_ref_data(ref)) +
                                 sizeof_percpu_ref_data());
}
std::atomic<uint64_t>& count_of(const Ref* ref) {
  return word<uint64_t>(percpu_ref_data_count(percpu_ref_data(ref)));
}
std::atomic<unsigned long>& pointer_of(const Ref* ref) {
  return word<unsigned long>(&percpu_ref_percpu_count_ptr(ref));
}
uint64_t place_of(const Ref* ref) { return pointer_of(ref).load() & ~(kAtomic | kDead); }
uint64_t& part(uint64_t place, unsigned cpu) {
  return *static_cast<uint64_t*>(machine::percpu().at(cpu, place));
}

void put(Ref* ref) {
  if (count_of(ref).fetch_sub(1) == 1) percpu_ref_data_release(percpu_ref_data(ref))(ref);
}
void free_counts(Ref* ref) {
  uint64_t place = place_of(ref);
  if (!place) return;
  machine::percpu().free(place, 0);
  pointer_of(ref).store(kAtomic | kDead);
}

// No CPU counts for itself any more.
void finish_switch(Ref* ref, RefFunction confirm) {
  uint64_t place = place_of(ref), total = 0;
  for (unsigned cpu = 0; cpu < machine::percpu().cpus(); cpu++) total += part(place, cpu);
  count_of(ref).fetch_add(total - kBias);
  if (confirm) confirm(ref);
  bool returns = own(ref).may_return;
  std::atomic<bool>& switching = own(ref).switching;
  machine::Parking::unpark(
      &switching, [](uintptr_t) { return machine::Parking::Decision::kWake; },
      [&](unsigned) { switching = false; });
  if (!returns) free_counts(ref);
  put(ref);
}

void wait_for_switch(Ref* ref) {
  std::atomic<bool>& switching = own(ref).switching;
  if (switching.load())
    machine::Parking::park({.key = &switching}, [&] { return switching.load(); });
}

void switch_mode(Ref* ref, RefFunction confirm) {
  wait_for_switch(ref);
  unsigned long pointer = pointer_of(ref).load();
  if (own(ref).force_atomic || (pointer & kDead)) {
    if (pointer & kAtomic) {
      if (confirm) confirm(ref);
      return;
    }
    own(ref).switching = true;
    pointer_of(ref).fetch_or(kAtomic);
    count_of(ref).fetch_add(1);
    rcu_defer([ref, confirm] { finish_switch(ref, confirm); });
    return;
  }
  if (!(pointer & kAtomic)) return;
  if (!own(ref).may_return) {
    RING3_WARN_ONCE("lib/percpu-refcount.c", 272, "__percpu_ref_switch_to_percpu", "");
    return;
  }
  count_of(ref).fetch_add(kBias);
  uint64_t place = place_of(ref);
  for (unsigned cpu = 0; cpu < machine::percpu().cpus(); cpu++) part(place, cpu) = 0;
  pointer_of(ref).fetch_and(~kAtomic);
}

bool is_zero(const Ref* ref) {
  unsigned long pointer = pointer_of(ref).load();
  if (!(pointer & (kAtomic | kDead))) return false;
  return percpu_ref_data(ref) ? !count_of(ref).load() : !(pointer >> 2);
}
void resurrect(Ref* ref) {
  pointer_of(ref).fetch_and(~kDead);
  count_of(ref).fetch_add(1);
  switch_mode(ref, nullptr);
}

KAPI(percpu_ref_init, Real, int, (Ref * ref, RefFunction release, unsigned flags, unsigned gfp)) {
  uint64_t place = machine::percpu().allocate(sizeof(uint64_t), 8, module_caller());
  if (!place) return -ENOMEM;
  void* data = kernel_allocate(sizeof_percpu_ref_data() + sizeof(Own), gfp | kGfpZero);
  if (!data) {
    machine::percpu().free(place, 0);
    return -ENOMEM;
  }
  percpu_ref_data(ref) = static_cast<k::percpu_ref_data*>(data);
  percpu_ref_data_release(data) = release;
  percpu_ref_data_ref(data) = ref;
  own(ref).force_atomic = flags & kInitAtomic;
  own(ref).may_return = flags;
  bool atomic = flags & (kInitAtomic | kInitDead);
  count_of(ref).store((atomic ? 0 : kBias) + !(flags & kInitDead));
  pointer_of(ref).store(place | (atomic ? kAtomic : 0) | (flags & kInitDead ? kDead : 0));
  return 0;
}
KAPI(percpu_ref_exit, Real, void, (Ref * ref)) {
  free_counts(ref);
  k::percpu_ref_data* data = percpu_ref_data(ref);
  if (!data) return;
  pointer_of(ref).fetch_or(count_of(ref).load()
                           << 2);  // what percpu_ref_is_zero() says from now on
  percpu_ref_data(ref) = nullptr;
  kernel_free(data);
}
KAPI(percpu_ref_switch_to_atomic, Real, void, (Ref * ref, RefFunction confirm)) {
  own(ref).force_atomic = true;
  switch_mode(ref, confirm);
}
KAPI(percpu_ref_switch_to_atomic_sync, Real, void, (Ref * ref)) {
  own(ref).force_atomic = true;
  switch_mode(ref, nullptr);
  wait_for_switch(ref);
}
KAPI(percpu_ref_switch_to_percpu, Real, void, (Ref * ref)) {
  own(ref).force_atomic = false;
  switch_mode(ref, nullptr);
}
KAPI(percpu_ref_kill_and_confirm, Real, void, (Ref * ref, RefFunction confirm)) {
  if (pointer_of(ref).fetch_or(kDead) & kDead)
    RING3_WARN_ONCE("lib/percpu-refcount.c", 392, "percpu_ref_kill_and_confirm",
                    "percpu_ref_kill_and_confirm called more than once\n");
  switch_mode(ref, confirm);
  put(ref);
}
KAPI(percpu_ref_is_zero, Real, bool, (Ref * ref)) { return is_zero(ref); }
KAPI(percpu_ref_resurrect, Real, void, (Ref * ref)) { resurrect(ref); }
KAPI(percpu_ref_reinit, Real, void, (Ref * ref)) {
  if (!is_zero(ref)) RING3_WARN_ONCE("lib/percpu-refcount.c", 448, "percpu_ref_reinit", "");
  resurrect(ref);
}

}  // namespace
}  // namespace ring3::kernel
