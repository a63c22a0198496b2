// SPDX-License-Identifier: GPL-2.0-only
// Everything that happens at a time: sleeps, Linux's timers, hrtimers. A timer is added with a
// deadline in machine nanoseconds and runs once, from the virtual interrupt of whichever CPU
// notices first, in interrupt context.
//
// A hierarchical timing wheel (Varghese and Lauck): 8 levels of 64 slots, the lowest of 2^16 ns (65
// us). A timer lies in the lowest level whose span holds its distance; when the wheel's hand
// reaches a higher slot, its timers are dealt again into lower ones. Adding and cancelling are
// O(1); a bit map per level finds the next slot in use. Inside a lowest-level slot the exact
// deadline counts.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "machine/spinlock.h"

namespace ring3::machine {

struct Timer {
  uint64_t deadline_ns = 0;
  void (*function)(Timer*) = nullptr;

  // The wheel's own.
  Timer* next = nullptr;
  Timer** slot = nullptr;  // the pointer that points at us; null when not in the wheel
  uint8_t level = 0;
  uint8_t index = 0;
};

class Timers {
 public:
  // (Re)sets a timer; true when it was already pending.
  bool add(Timer* timer, uint64_t deadline_ns);
  // True when it was pending. A function that already runs on another CPU is not waited for: see
  // wait_running.
  bool cancel(Timer* timer);
  bool pending(const Timer* timer);
  // Waits until `timer`'s function does not run on any CPU (spins; not from the function itself).
  void wait_running(const Timer* timer);
  bool running(const Timer* timer) const {
    return running_.load(std::memory_order_acquire) == timer;
  }

  // Called, without the lock, when a timer was added that is earlier than all others.
  std::function<void(uint64_t deadline_ns)> on_earlier;

  // The earliest time at which run() may have something to do; ~0 when there is none. It may be
  // early (a higher slot's beginning), never late.
  uint64_t next_deadline();
  // Runs everything that is due. Timers of one call run one after the other, on the caller's CPU.
  void run(uint64_t now_ns);

 private:
  static constexpr unsigned kLevels = 8, kSlotBits = 6, kSlots = 64, kUnitBits = 16;
  void insert_locked(Timer* timer);
  void remove_locked(Timer* timer);
  uint64_t next_deadline_locked() const;
  static constexpr unsigned shift(unsigned level) { return kUnitBits + kSlotBits * level; }

  SpinLock lock_;
  Timer* slots_[kLevels][kSlots] = {};
  uint64_t used_[kLevels] = {};
  uint64_t hand_ = 0;  // everything due before this time has been run or dealt
  std::atomic<const Timer*> running_{nullptr};
  std::atomic<bool> in_run_{false};
};

}  // namespace ring3::machine
