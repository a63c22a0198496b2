// SPDX-License-Identifier: GPL-2.0-only
// The word of a spinlock: 0 free, else held. Linux queues waiters in per-CPU nodes; here they spin
// on the word itself, for a CPU is a host thread that may lose its processor at any time, and a
// queue would then wait for it. The low byte is what inlined code and slow paths call "locked".
#include "host/thread.h"
#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/printk.h"
#include "linux/include/sched.h"

namespace ring3::k {
struct qspinlock;
struct qrwlock;
}  // namespace ring3::k

namespace ring3::kernel {

bool Spinner::turn() {
  __builtin_ia32_pause();
  if (++turns_ % 128) return true;
  machine::Machine& machine = machine_();
  if (machine.stopping()) {
    if (is_idle_task() || in_interrupt()) return false;
    machine.scheduler().exit_current(true);
  }
  if (kapi::gs_interrupts_on() && kapi::gs_interrupt_pending()) machine::deliver_pending();
  host::yield_thread();
  if (turns_ % 4096 || reported_) return true;
  uint64_t now = machine.clock().now_ns();
  if (!since_ns_) since_ns_ = now;
  constexpr uint64_t kSecond = 1'000'000'000;
  if (now - since_ns_ < 20 * kSecond) return true;  // watchdog_thresh is 10 s; twice that complains
  reported_ = true;
  kernel_print(KERN_EMERG "watchdog: BUG: soft lockup - CPU#%d stuck for %us! [%s:%d]\n",
               static_cast<int>(this_cpu()), static_cast<unsigned>((now - since_ns_) / kSecond),
               current_comm(), current_pid());
  if (running().dump_stack) running().dump_stack(KERN_EMERG);
  return true;
}

bool spin_trylock_word(const void* lock) {
  uint32_t free = 0;
  return word<uint32_t>(lock).compare_exchange_strong(free, 1, std::memory_order_acquire);
}

void spin_lock_word(const void* lock) {
  Spinner spinner;
  while (!spin_trylock_word(lock))
    while (word<uint32_t>(lock).load(std::memory_order_relaxed))
      if (!spinner.turn()) return;
}

void spin_unlock_word(const void* lock) { word<uint8_t>(lock).store(0, std::memory_order_release); }

namespace {

// Called by inlined queued_spin_lock() after its fast path failed; `value` is what it saw.
KAPI(native_queued_spin_lock_slowpath, Real, void, (k::qspinlock * lock, unsigned value)) {
  spin_lock_word(lock);
}
KAPI(__pv_queued_spin_lock_slowpath, Real, void, (k::qspinlock * lock, unsigned value)) {
  spin_lock_word(lock);
}

}  // namespace
}  // namespace ring3::kernel
