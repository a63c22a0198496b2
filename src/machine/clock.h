// SPDX-License-Identifier: GPL-2.0-only
// The machine's time, in nanoseconds since it booted. Real: the host's monotonic clock. Virtual:
// the same clock plus what was skipped; when every CPU is idle the scheduler skips to the next
// timer, so that a sleep costs nothing.
#pragma once

#include <atomic>
#include <cstdint>

#include "host/thread.h"

namespace ring3::machine {

enum class ClockKind : uint8_t { kReal, kVirtual };

class Clock {
 public:
  explicit Clock(ClockKind kind)
      : kind_(kind), boot_ns_(host::host_now_ns()), boot_real_ns_(host::host_real_time_ns()) {}

  ClockKind kind() const { return kind_; }
  uint64_t now_ns() const {
    return host::host_now_ns() - boot_ns_ + skipped_ns_.load(std::memory_order_relaxed);
  }
  uint64_t real_ns() const { return boot_real_ns_ + now_ns(); }  // since the epoch
  // Virtual only: time becomes at least `deadline_ns`.
  void skip_to(uint64_t deadline_ns) {
    uint64_t now = now_ns();
    if (deadline_ns > now) skipped_ns_.fetch_add(deadline_ns - now, std::memory_order_relaxed);
  }
  // The host clock's value (host::host_now_ns) at the machine's `deadline_ns`.
  uint64_t to_host(uint64_t deadline_ns) const {
    return deadline_ns + boot_ns_ - skipped_ns_.load(std::memory_order_relaxed);
  }

 private:
  ClockKind kind_;
  uint64_t boot_ns_;
  uint64_t boot_real_ns_;
  std::atomic<uint64_t> skipped_ns_{0};
};

}  // namespace ring3::machine
