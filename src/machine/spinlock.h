// SPDX-License-Identifier: GPL-2.0-only
// The engines' lock: a word and a spin. Not a std::mutex, because a scheduler lock is taken on one
// stack and released on another, and because waiting must not depend on which task holds it. Held
// for short, never across a call into module code and never while a task may switch away (the run
// queue's own lock is the one exception, handed over by the switch).
#pragma once

#include <atomic>

#include "host/thread.h"

namespace ring3::machine {

class SpinLock {
 public:
  void lock() {
    for (int spins = 0; word_.exchange(true, std::memory_order_acquire); spins++) {
      while (word_.load(std::memory_order_relaxed)) {
        __builtin_ia32_pause();
        if (++spins > 200) {  // the holder's thread may have lost its processor
          host::yield_thread();
          spins = 0;
        }
      }
    }
  }
  bool try_lock() { return !word_.exchange(true, std::memory_order_acquire); }
  void unlock() { word_.store(false, std::memory_order_release); }
  bool is_locked() const { return word_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> word_{false};
};

class SpinGuard {
 public:
  explicit SpinGuard(SpinLock& lock) : lock_(lock) { lock_.lock(); }
  ~SpinGuard() { lock_.unlock(); }
  SpinGuard(const SpinGuard&) = delete;
  SpinGuard& operator=(const SpinGuard&) = delete;

 private:
  SpinLock& lock_;
};

}  // namespace ring3::machine
