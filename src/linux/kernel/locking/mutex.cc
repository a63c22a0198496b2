// SPDX-License-Identifier: GPL-2.0-only
// struct mutex: its owner word is the holder's task_struct, with bit 0 set while others wait, as
// Linux's is (so mutex_is_locked() and debuggers agree). Waiters sleep on the mutex's address; the
// one that has waited longest is woken and competes with whoever comes, and after it lost once the
// mutex is handed to it.
#include "linux/kernel/locking/mutex.h"
#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/printk.h"
#include "linux/include/time.h"
#include "machine/parking.h"

namespace ring3::k {
struct mutex;
struct lock_class_key;
struct atomic_t;
struct refcount_struct;
}  // namespace ring3::k

namespace ring3::kernel {

KPLACE(mutex, wait_list, wait_list);
KSIZE(mutex);

using Parking = machine::Parking;

namespace {

constexpr uint64_t kWaiters = 1, kFlags = 7;
constexpr uintptr_t kLostOnce = 1;

uint64_t self() { return reinterpret_cast<uint64_t>(current()); }

}  // namespace

bool owner_try(OwnerWord& owner) {
  uint64_t free = 0;
  if (owner.compare_exchange_strong(free, self(), std::memory_order_acquire)) return true;
  // Free, but others wait: take it and keep their mark.
  while (!(free & ~kFlags))
    if (owner.compare_exchange_weak(free, free | self(), std::memory_order_acquire)) return true;
  return false;
}

int owner_take(OwnerWord& owner, unsigned state, uint64_t deadline_ns) {
  might_sleep();
  uintptr_t tag = 0;
  while (!owner_try(owner)) {
    bool mine = false;
    machine::Parked parked = Parking::park(
        {.key = &owner, .state = state, .deadline_ns = deadline_ns, .tag = tag},
        [&] {
          uint64_t seen = owner.load();
          do {
            if ((seen & ~kFlags) == self() && tag == kLostOnce) return !(mine = true);
            if (!(seen & ~kFlags)) return false;
          } while (!owner.compare_exchange_weak(seen, seen | kWaiters));
          return true;
        },
        tag == kLostOnce);
    if (mine) return 0;
    // Handed over: unlock made us the owner and woke us.
    if (parked == machine::Parked::kWoken && tag == kLostOnce && (owner.load() & ~kFlags) == self())
      return 0;
    if (parked == machine::Parked::kSignal) return -EINTR;
    if (parked == machine::Parked::kTimeout) return -ETIME;
    if (parked == machine::Parked::kWoken) tag = kLostOnce;
  }
  return 0;
}

void owner_release(OwnerWord& owner) {
  uint64_t mine = self();
  if (owner.compare_exchange_strong(mine, 0, std::memory_order_release)) return;
  if ((mine & ~kFlags) != self()) {
    kernel_print(KERN_WARNING "ring3: mutex_unlock: %s/%d does not hold the mutex at %px\n",
                 current_comm(), current_pid(), static_cast<void*>(&owner));
    if (running().dump_stack) running().dump_stack(KERN_WARNING);
  }
  bool handed = false;
  Parking::unpark_tasks(
      &owner,
      [&](uintptr_t tag, machine::Task* task) {
        if (tag == kLostOnce) {
          handed = true;
          owner.store(task->kernel_task | kWaiters, std::memory_order_release);
        }
        return Parking::Decision::kWakeAndStop;
      },
      [&](unsigned left) {
        uint64_t mark = left ? kWaiters : 0;
        if (handed) {
          if (!left) owner.fetch_and(~kWaiters);
        } else {
          owner.store(mark, std::memory_order_release);
        }
      });
}

bool owner_held(const OwnerWord& owner) { return owner.load() & ~kFlags; }

namespace {

KAPI(__mutex_init, Real, void, (k::mutex * mutex, const char* name, k::lock_class_key* key)) {
  __builtin_memset(static_cast<void*>(mutex), 0, sizeof_mutex());
  list_init(mutex_wait_list(mutex));
}
KAPI(mutex_lock, Real, void, (k::mutex * mutex)) {
  owner_take(mutex_word(mutex), kTaskUninterruptible);
}
KAPI(mutex_lock_io, Real, void, (k::mutex * mutex)) {
  owner_take(mutex_word(mutex), kTaskUninterruptible);
}
KAPI(mutex_lock_interruptible, Real, int, (k::mutex * mutex)) {
  return owner_take(mutex_word(mutex), kTaskInterruptible);
}
KAPI(mutex_lock_killable, Real, int, (k::mutex * mutex)) {
  return owner_take(mutex_word(mutex), kTaskKillable);
}
KAPI(mutex_trylock, Real, int, (k::mutex * mutex)) { return owner_try(mutex_word(mutex)); }
KAPI(mutex_unlock, Real, void, (k::mutex * mutex)) { owner_release(mutex_word(mutex)); }
KAPI(mutex_is_locked, Real, bool, (k::mutex * mutex)) { return owner_held(mutex_word(mutex)); }

bool decrement_unless_one(void* count) {
  std::atomic<int>& value = word<int>(count);
  int old = value.load();
  while (old != 1)
    if (value.compare_exchange_weak(old, old - 1)) return true;
  return false;
}
bool decrement_and_lock(void* count, k::mutex* mutex) {
  if (decrement_unless_one(count)) return false;
  owner_take(mutex_word(mutex), kTaskUninterruptible);
  if (word<int>(count).fetch_sub(1) == 1) return true;
  owner_release(mutex_word(mutex));
  return false;
}
KAPI(atomic_dec_and_mutex_lock, Real, int, (k::atomic_t * count, k::mutex* mutex)) {
  return decrement_and_lock(count, mutex);
}
KAPI(refcount_dec_and_mutex_lock, Real, bool, (k::refcount_struct * count, k::mutex* mutex)) {
  return decrement_and_lock(count, mutex);
}

}  // namespace
}  // namespace ring3::kernel
