// SPDX-License-Identifier: GPL-2.0-only
// percpu_rw_semaphore. Readers are inlined: they count themselves in a per-CPU word while
// rss.gp_state is idle (0), else they come here. A writer makes it not idle, waits a grace period
// so that every reader sees that, blocks newcomers and waits until the sum of the counts is zero.
#include "kapi/kapi.h"
#include "linux/include/list.h"
#include "linux/include/rcu.h"
#include "linux/include/time.h"
#include "linux/include/wait.h"
#include "machine/memory/memory.h"
#include "machine/parking.h"

namespace ring3::k {
struct percpu_rw_semaphore;
struct lock_class_key;
}  // namespace ring3::k

namespace ring3::kernel {

KSIZE(percpu_rw_semaphore);
KPLACE(percpu_rw_semaphore, rss.gp_state, gp_state);
KFIELD(percpu_rw_semaphore, read_count, unsigned*);
KPLACE(percpu_rw_semaphore, writer, writer);
KPLACE(percpu_rw_semaphore, waiters, waiters);
KPLACE(percpu_rw_semaphore, block, block);

namespace {

using Parking = machine::Parking;

std::atomic<int>& blocked(const k::percpu_rw_semaphore* sem) {
  return word<int>(percpu_rw_semaphore_block(sem));
}
std::atomic<int>& not_idle(const k::percpu_rw_semaphore* sem) {
  return word<int>(percpu_rw_semaphore_gp_state(sem));
}
std::atomic<unsigned>& count_on(const k::percpu_rw_semaphore* sem, unsigned cpu) {
  uint64_t place = reinterpret_cast<uint64_t>(percpu_rw_semaphore_read_count(sem));
  return word<unsigned>(machine::percpu().at(cpu, place));
}
unsigned readers(const k::percpu_rw_semaphore* sem) {
  unsigned sum = 0;
  for (unsigned cpu = 0; cpu < machine_().cpu_count(); cpu++) sum += count_on(sem, cpu).load();
  return sum;
}
void wait_until_open(k::percpu_rw_semaphore* sem) {
  Parking::park({.key = sem}, [&] { return blocked(sem).load() != 0; });
}

KAPI(__percpu_init_rwsem, Real, int,
     (k::percpu_rw_semaphore * sem, const char* name, k::lock_class_key* key)) {
  __builtin_memset(static_cast<void*>(sem), 0, sizeof_percpu_rw_semaphore());
  uint64_t place = machine::percpu().allocate(sizeof(unsigned), alignof(unsigned), 0);
  if (!place) return -ENOMEM;
  percpu_rw_semaphore_read_count(sem) = reinterpret_cast<unsigned*>(place);
  waitqueue_init(static_cast<k::wait_queue_head*>(percpu_rw_semaphore_waiters(sem)));
  return 0;
}
KAPI(percpu_free_rwsem, Real, void, (k::percpu_rw_semaphore * sem)) {
  if (!percpu_rw_semaphore_read_count(sem)) return;
  machine::percpu().free(reinterpret_cast<uint64_t>(percpu_rw_semaphore_read_count(sem)), 0);
  percpu_rw_semaphore_read_count(sem) = nullptr;
}
// Called and left with preemption off.
KAPI(__percpu_down_read, Real, bool, (k::percpu_rw_semaphore * sem, bool only_try)) {
  while (true) {
    count_on(sem, this_cpu())++;
    if (!blocked(sem).load()) return true;
    count_on(sem, this_cpu())--;
    if (only_try) return false;
    preempt_count_sub(1);
    wait_until_open(sem);
    preempt_count_add(1);
  }
}
KAPI(percpu_down_write, Real, void, (k::percpu_rw_semaphore * sem)) {
  might_sleep();
  not_idle(sem)++;
  rcu_synchronize();
  while (blocked(sem).exchange(1)) wait_until_open(sem);
  // Readers leave by rcuwait_wake_up(&sem->writer); they may also leave unseen.
  word<k::task_struct*>(percpu_rw_semaphore_writer(sem)).store(current());
  while (readers(sem)) sleep_until(ktime_ns() + 1'000'000, kTaskUninterruptible);
  word<k::task_struct*>(percpu_rw_semaphore_writer(sem)).store(nullptr);
}
KAPI(percpu_up_write, Real, void, (k::percpu_rw_semaphore * sem)) {
  Parking::unpark(
      sem, [](uintptr_t) { return Parking::Decision::kWake; }, [&](unsigned) { blocked(sem) = 0; });
  not_idle(sem)--;
}
KAPI(percpu_is_read_locked, Real, bool, (k::percpu_rw_semaphore * sem)) {
  return readers(sem) != 0 && !blocked(sem).load();
}

}  // namespace
}  // namespace ring3::kernel
