// SPDX-License-Identifier: GPL-2.0-only
// Host threads for CPUs: starting and joining, kicking another thread with a signal, a timer that
// kicks its own thread, waiting on a word (futex), and the thread's %gs base.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>

namespace ring3::host {

int kick_signal();  // the real-time signal that kicks use

using ThreadId = int;
ThreadId current_thread();
void kick(ThreadId thread);

// Makes %gs:0 address `base` in the calling thread.
void set_gs_base(uint64_t base);

// Waits until *word differs from `expected`, a wake, a signal, or the deadline (host_now_ns() time;
// 0 = none). Spurious returns are possible.
void wait_on(const std::atomic<uint32_t>& word, uint32_t expected, uint64_t deadline_ns = 0);
void wake(const std::atomic<uint32_t>& word, int count = 1);

uint64_t host_now_ns();        // CLOCK_MONOTONIC
uint64_t host_real_time_ns();  // CLOCK_REALTIME
void yield_thread();

// A host timer that kicks the thread that made it.
class KickTimer {
 public:
  KickTimer();
  ~KickTimer();
  KickTimer(const KickTimer&) = delete;
  KickTimer& operator=(const KickTimer&) = delete;
  void arm(uint64_t first_ns, uint64_t period_ns);  // from now; period 0: once
  void disarm();

 private:
  void* timer_ = nullptr;  // timer_t
};

}  // namespace ring3::host
