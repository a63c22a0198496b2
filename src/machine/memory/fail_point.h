// SPDX-License-Identifier: GPL-2.0-only
// Where allocations are made to fail: every allocation of a module passes here once. Counting tells
// how many there were; fail_nth(n) makes the n-th from now fail, fail_from(n) all from the n-th on.
// Only allocations whose call site lies in the range count (default: every call site), so that a
// module's failures are enumerated and the runtime's own work is left alone. Costs one relaxed load
// when off.
#pragma once

#include <atomic>
#include <cstdint>

namespace ring3::machine {

class FailPoint {
 public:
  void off() { mode_.store(kOff, std::memory_order_relaxed); }
  void count_only() { begin(kCount, 0); }
  void fail_nth(uint64_t n) { begin(kOne, n); }  // 1: the next
  void fail_from(uint64_t n) { begin(kAll, n); }
  void only_from(uint64_t begin, uint64_t end) {
    range_begin_.store(begin, std::memory_order_relaxed);
    range_end_.store(end, std::memory_order_relaxed);
  }
  uint64_t seen() const { return seen_.load(std::memory_order_relaxed); }
  uint64_t failed() const { return failed_.load(std::memory_order_relaxed); }
  // The call site of the last allocation that was made to fail.
  uint64_t last_failed_owner() const { return last_.load(std::memory_order_relaxed); }

  bool should_fail(uint64_t owner) {
    uint8_t mode = mode_.load(std::memory_order_relaxed);
    return mode != kOff && decide(static_cast<Mode>(mode), owner);
  }

 private:
  enum Mode : uint8_t { kOff, kCount, kOne, kAll };
  void begin(Mode mode, uint64_t n) {
    n_.store(n, std::memory_order_relaxed);
    seen_.store(0, std::memory_order_relaxed);
    failed_.store(0, std::memory_order_relaxed);
    mode_.store(mode, std::memory_order_relaxed);
  }
  bool decide(Mode mode, uint64_t owner) {
    if (owner < range_begin_.load(std::memory_order_relaxed) ||
        owner >= range_end_.load(std::memory_order_relaxed))
      return false;
    uint64_t number = seen_.fetch_add(1, std::memory_order_relaxed) + 1;
    uint64_t n = n_.load(std::memory_order_relaxed);
    bool fails = (mode == kOne && number == n) || (mode == kAll && number >= n);
    if (fails) {
      failed_.fetch_add(1, std::memory_order_relaxed);
      last_.store(owner, std::memory_order_relaxed);
    }
    return fails;
  }

  std::atomic<uint8_t> mode_{kOff};
  std::atomic<uint64_t> n_{0}, seen_{0}, failed_{0}, last_{0};
  std::atomic<uint64_t> range_begin_{0}, range_end_{~0ull};
};

}  // namespace ring3::machine
