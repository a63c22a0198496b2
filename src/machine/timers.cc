// SPDX-License-Identifier: GPL-2.0-only
#include "machine/timers.h"

#include <bit>

namespace ring3::machine {

void Timers::insert_locked(Timer* timer) {
  uint64_t when = timer->deadline_ns < hand_ ? hand_ : timer->deadline_ns;
  unsigned level = 0;
  while (level + 1 < kLevels && (when >> shift(level)) - (hand_ >> shift(level)) >= kSlots) level++;
  timer->level = static_cast<uint8_t>(level);
  timer->index = static_cast<uint8_t>((when >> shift(level)) % kSlots);
  Timer*& head = slots_[level][timer->index];
  timer->next = head;
  timer->slot = &head;
  if (head) head->slot = &timer->next;
  head = timer;
  used_[level] |= 1ull << timer->index;
}

void Timers::remove_locked(Timer* timer) {
  *timer->slot = timer->next;
  if (timer->next) timer->next->slot = timer->slot;
  timer->slot = nullptr;
  timer->next = nullptr;
  if (!slots_[timer->level][timer->index]) used_[timer->level] &= ~(1ull << timer->index);
}

bool Timers::add(Timer* timer, uint64_t deadline_ns) {
  uint64_t earliest;
  bool was_pending;
  {
    SpinGuard guard(lock_);
    earliest = next_deadline_locked();
    was_pending = timer->slot != nullptr;
    if (was_pending) remove_locked(timer);
    timer->deadline_ns = deadline_ns;
    insert_locked(timer);
  }
  if (deadline_ns < earliest && on_earlier) on_earlier(deadline_ns);
  return was_pending;
}

bool Timers::cancel(Timer* timer) {
  SpinGuard guard(lock_);
  if (!timer->slot) return false;
  remove_locked(timer);
  return true;
}

bool Timers::pending(const Timer* timer) {
  SpinGuard guard(lock_);
  return timer->slot != nullptr;
}

void Timers::wait_running(const Timer* timer) {
  while (running(timer)) host::yield_thread();
}

uint64_t Timers::next_deadline() {
  SpinGuard guard(lock_);
  return next_deadline_locked();
}

uint64_t Timers::next_deadline_locked() const {
  uint64_t earliest = ~0ull;
  for (unsigned level = 0; level < kLevels; level++) {
    if (!used_[level]) continue;
    uint64_t now = hand_ >> shift(level);
    unsigned ahead = static_cast<unsigned>(
        std::countr_zero(std::rotr(used_[level], static_cast<int>(now % kSlots))));
    uint64_t begin = (now + ahead) << shift(level);
    if (begin < hand_) begin = hand_;
    if (level == 0) {  // the exact deadline counts
      uint64_t exact = ~0ull;
      for (Timer* timer = slots_[0][(now + ahead) % kSlots]; timer; timer = timer->next)
        if (timer->deadline_ns < exact) exact = timer->deadline_ns;
      begin = exact;
    }
    if (begin < earliest) earliest = begin;
  }
  return earliest;
}

void Timers::run(uint64_t now_ns) {
  if (in_run_.exchange(true, std::memory_order_acquire)) return;  // another CPU is at it
  lock_.lock();
  while (next_deadline_locked() <= now_ns) {
    // Move the hand to the next slot in use; deal a higher slot into lower ones.
    uint64_t best = ~0ull;
    unsigned best_level = 0;
    for (unsigned level = 0; level < kLevels; level++) {
      if (!used_[level]) continue;
      uint64_t unit = hand_ >> shift(level);
      unsigned ahead = static_cast<unsigned>(
          std::countr_zero(std::rotr(used_[level], static_cast<int>(unit % kSlots))));
      uint64_t begin = (unit + ahead) << shift(level);
      if (begin <= best) {  // at equal times the higher level is dealt first
        best = begin;
        best_level = level;
      }
    }
    if (best > hand_) hand_ = best;
    Timer*& head = slots_[best_level][(best >> shift(best_level)) % kSlots];
    if (best_level > 0) {
      Timer* chain = head;
      while (Timer* timer = chain) {
        chain = timer->next;
        remove_locked(timer);
        insert_locked(timer);
      }
      continue;
    }
    Timer* due = nullptr;  // the earliest of the slot first
    for (Timer* timer = head; timer; timer = timer->next)
      if (timer->deadline_ns <= now_ns && (!due || timer->deadline_ns <= due->deadline_ns))
        due = timer;
    if (!due) break;
    remove_locked(due);
    auto function = due->function;
    running_.store(due, std::memory_order_release);
    lock_.unlock();
    function(due);  // may add it again, or free it
    running_.store(nullptr, std::memory_order_release);
    lock_.lock();
  }
  if (now_ns > hand_ && next_deadline_locked() > now_ns) hand_ = now_ns;
  lock_.unlock();
  in_run_.store(false, std::memory_order_release);
}

}  // namespace ring3::machine
