// SPDX-License-Identifier: GPL-2.0-only
// struct rw_semaphore: bit 0 of its count is the writer, bit 1 says that somebody waits, readers
// are counted by 256, as in Linux (rwsem_is_locked() is inlined). Who finds the lock taken, or
// others waiting, queues up; whoever lets go grants it to the writer at the queue's head or to all
// readers there, so a woken waiter holds it already.
#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/list.h"
#include "linux/include/sched.h"
#include "machine/parking.h"

namespace ring3::k {
struct rw_semaphore;
struct lock_class_key;
}  // namespace ring3::k

namespace ring3::kernel {

KSIZE(rw_semaphore);
KPLACE(rw_semaphore, count, count);
KPLACE(rw_semaphore, owner, owner);
KPLACE(rw_semaphore, wait_list, wait_list);

namespace {

using Parking = machine::Parking;

constexpr uint64_t kWriter = 1, kWaiters = 2, kReader = 256;
constexpr uint64_t kReaderOwned = 1;  // in the owner word
enum Tag : uintptr_t { kWantsRead, kWantsWrite };

std::atomic<uint64_t>& count(const k::rw_semaphore* sem) {
  return word<uint64_t>(rw_semaphore_count(sem));
}
void set_owner(k::rw_semaphore* sem, uint64_t task, uint64_t flags) {
  word<uint64_t>(rw_semaphore_owner(sem)).store(task ? task | flags : 0);
}
uint64_t self() { return reinterpret_cast<uint64_t>(current()); }

bool try_read(k::rw_semaphore* sem) {
  uint64_t seen = count(sem).load();
  while (!(seen & (kWriter | kWaiters)))
    if (count(sem).compare_exchange_weak(seen, seen + kReader, std::memory_order_acquire)) {
      set_owner(sem, self(), kReaderOwned);
      return true;
    }
  return false;
}
bool try_write(k::rw_semaphore* sem) {
  uint64_t free = 0;
  if (!count(sem).compare_exchange_strong(free, kWriter, std::memory_order_acquire)) return false;
  set_owner(sem, self(), 0);
  return true;
}

// Gives the lock to whom it may be given.
void grant(k::rw_semaphore* sem) {
  Parking::unpark_tasks(
      sem,
      [&](uintptr_t tag, machine::Task* task) {
        uint64_t held = count(sem).load() & ~kWaiters;
        if (tag == kWantsWrite) {
          if (held) return Parking::Decision::kStop;
          count(sem).fetch_or(kWriter);
          set_owner(sem, task->kernel_task, 0);
          return Parking::Decision::kWakeAndStop;
        }
        if (held & kWriter) return Parking::Decision::kStop;
        count(sem).fetch_add(kReader);
        set_owner(sem, task->kernel_task, kReaderOwned);
        return Parking::Decision::kWake;
      },
      [&](unsigned left) {
        if (!left) count(sem).fetch_and(~kWaiters);
      });
}

int take(k::rw_semaphore* sem, Tag tag, unsigned state) {
  might_sleep();
  if (tag == kWantsRead ? try_read(sem) : try_write(sem)) return 0;
  machine::Parked parked = Parking::park({.key = sem, .state = state, .tag = tag}, [&] {
    while (true) {
      if (tag == kWantsRead ? try_read(sem) : try_write(sem)) return false;
      // Held, so whoever lets go will see the mark; or others wait already.
      uint64_t seen = count(sem).load();
      if (seen & kWaiters) return true;
      if (seen && count(sem).compare_exchange_weak(seen, seen | kWaiters)) return true;
    }
  });
  if (parked != machine::Parked::kSignal) return 0;
  grant(sem);  // we may have stood before somebody who can have it
  return -EINTR;
}

void release_read(k::rw_semaphore* sem) {
  uint64_t left = count(sem).fetch_sub(kReader, std::memory_order_release) - kReader;
  if ((left & kWaiters) && left < kReader) grant(sem);
}
void release_write(k::rw_semaphore* sem) {
  set_owner(sem, 0, 0);
  if (count(sem).fetch_and(~kWriter, std::memory_order_release) & kWaiters) grant(sem);
}

KAPI(__init_rwsem, Real, void, (k::rw_semaphore * sem, const char* name, k::lock_class_key* key)) {
  __builtin_memset(static_cast<void*>(sem), 0, sizeof_rw_semaphore());
  list_init(rw_semaphore_wait_list(sem));
}
KAPI(down_read, Real, void, (k::rw_semaphore * sem)) {
  take(sem, kWantsRead, kTaskUninterruptible);
}
KAPI(down_read_interruptible, Real, int, (k::rw_semaphore * sem)) {
  return take(sem, kWantsRead, kTaskInterruptible);
}
KAPI(down_read_killable, Real, int, (k::rw_semaphore * sem)) {
  return take(sem, kWantsRead, kTaskKillable);
}
KAPI(down_read_trylock, Real, int, (k::rw_semaphore * sem)) { return try_read(sem); }
KAPI(down_write, Real, void, (k::rw_semaphore * sem)) {
  take(sem, kWantsWrite, kTaskUninterruptible);
}
KAPI(down_write_killable, Real, int, (k::rw_semaphore * sem)) {
  return take(sem, kWantsWrite, kTaskKillable);
}
KAPI(down_write_trylock, Real, int, (k::rw_semaphore * sem)) { return try_write(sem); }
KAPI(up_read, Real, void, (k::rw_semaphore * sem)) { release_read(sem); }
KAPI(up_write, Real, void, (k::rw_semaphore * sem)) { release_write(sem); }
KAPI(downgrade_write, Real, void, (k::rw_semaphore * sem)) {
  set_owner(sem, self(), kReaderOwned);
  if (count(sem).fetch_add(kReader - kWriter, std::memory_order_release) & kWaiters) grant(sem);
}

}  // namespace
}  // namespace ring3::kernel
