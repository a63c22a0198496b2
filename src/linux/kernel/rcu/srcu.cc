// SPDX-License-Identifier: GPL-2.0-only
// Sleepable RCU: readers are counted in one of two counters, and may sleep. What a srcu_struct
// needs is kept in a table of ours by its address (the struct differs from target to target, and
// static ones are set up by nobody); srcu_idx alone is in the struct's place.
#include <memory>
#include <unordered_map>

#include "kapi/kapi.h"
#include "linux/include/rcu.h"
#include "linux/include/time.h"
#include "linux/kernel/kthread.h"
#include "machine/parking.h"

namespace ring3::k {
struct srcu_struct;
struct callback_head;
}  // namespace ring3::k

namespace ring3::kernel {

KSIZE(srcu_struct);

namespace {

struct Domain {
  std::atomic<unsigned> index{0};
  std::atomic<int> readers[2] = {};
  std::atomic<bool> busy{false};
  std::atomic<unsigned long> started{0}, completed{0};
  std::atomic<int> callbacks{0};
};

machine::SpinLock lock;  // guards the table; a Domain lives until cleanup
std::unordered_map<const k::srcu_struct*, std::unique_ptr<Domain>> domains;

Domain& domain(const k::srcu_struct* srcu) {
  machine::SpinGuard guard(lock);
  auto& entry = domains[srcu];
  if (!entry) entry = std::make_unique<Domain>();
  return *entry;
}

void wait_a_little() { sleep_until(ktime_ns() + 500'000, kTaskUninterruptible); }

void synchronize(const k::srcu_struct* srcu) {
  Domain& self = domain(srcu);
  while (self.busy.exchange(true)) wait_a_little();
  unsigned long period = self.started.fetch_add(1) + 1;
  for (int round = 0; round < 2; round++) {
    unsigned old = self.index.load();
    self.index.store(old ^ 1);
    while (self.readers[old].load() > 0) wait_a_little();
  }
  self.completed = period;
  self.busy = false;
}

KAPI(init_srcu_struct, Real, int, (k::srcu_struct * srcu)) {
  __builtin_memset(static_cast<void*>(srcu), 0, sizeof_srcu_struct());
  machine::SpinGuard guard(lock);
  domains[srcu] = std::make_unique<Domain>();
  return 0;
}
KAPI(cleanup_srcu_struct, Partial("does not warn about readers that are left"), void,
     (k::srcu_struct * srcu)) {
  while (domain(srcu).callbacks.load() > 0) wait_a_little();
  machine::SpinGuard guard(lock);
  domains.erase(srcu);
}
KAPI(__srcu_read_lock, Real, int, (k::srcu_struct * srcu)) {
  Domain& self = domain(srcu);
  unsigned index = self.index.load();
  self.readers[index]++;
  return static_cast<int>(index);
}
KAPI(__srcu_read_unlock, Real, void, (k::srcu_struct * srcu, int index)) {
  domain(srcu).readers[index & 1]--;
}
KAPI(synchronize_srcu, Real, void, (k::srcu_struct * srcu)) {
  might_sleep();
  synchronize(srcu);
}
KAPI(synchronize_srcu_expedited, Real, void, (k::srcu_struct * srcu)) {
  might_sleep();
  synchronize(srcu);
}
// Callbacks of a domain may wait for sleeping readers, so each batch has a thread of its own.
KAPI(call_srcu, Real, void,
     (k::srcu_struct * srcu, k::callback_head* head, void (*function)(k::callback_head*))) {
  domain(srcu).callbacks++;
  // Made in a task's context, for the caller may be in an interrupt.
  rcu_defer([=] {
    start_kernel_thread("srcu", ~0ull, [=] {
      synchronize(srcu);
      local_bh_disable();
      function(head);
      local_bh_enable();
      domain(srcu).callbacks--;
    });
  });
}
KAPI(srcu_barrier, Real, void, (k::srcu_struct * srcu)) {
  while (domain(srcu).callbacks.load() > 0) wait_a_little();
}
KAPI(srcu_batches_completed, Real, unsigned long, (k::srcu_struct * srcu)) {
  return domain(srcu).completed.load();
}
KAPI(get_state_synchronize_srcu, Real, unsigned long, (k::srcu_struct * srcu)) {
  return domain(srcu).started.load() + 1;
}
KAPI(start_poll_synchronize_srcu, Real, unsigned long, (k::srcu_struct * srcu)) {
  unsigned long state = domain(srcu).started.load() + 1;
  domain(srcu).callbacks++;
  rcu_defer([=] {
    start_kernel_thread("srcu", ~0ull, [=] {
      synchronize(srcu);
      domain(srcu).callbacks--;
    });
  });
  return state;
}
KAPI(poll_state_synchronize_srcu, Real, bool, (k::srcu_struct * srcu, unsigned long state)) {
  return domain(srcu).completed.load() >= state;
}

}  // namespace
}  // namespace ring3::kernel
