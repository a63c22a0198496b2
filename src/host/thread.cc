// SPDX-License-Identifier: GPL-2.0-only
#include "host/thread.h"

#include <asm/prctl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"

namespace ring3::host {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

timespec timespec_of(uint64_t ns) {
  return {static_cast<time_t>(ns / kSecond), static_cast<long>(ns % kSecond)};
}

uint64_t read_clock(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * kSecond + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

int kick_signal() { return SIGRTMIN + 3; }

ThreadId current_thread() { return gettid(); }

void kick(ThreadId thread) { syscall(SYS_tgkill, getpid(), thread, kick_signal()); }

void set_gs_base(uint64_t base) {
  constexpr unsigned long kFsGsBase = 2;  // HWCAP2_FSGSBASE: the instruction is allowed
  if (getauxval(AT_HWCAP2) & kFsGsBase) {
    asm volatile("wrgsbase %0" : : "r"(base) : "memory");
    return;
  }
  CHECK(syscall(SYS_arch_prctl, ARCH_SET_GS, base) == 0);
}

void wait_on(const std::atomic<uint32_t>& word, uint32_t expected, uint64_t deadline_ns) {
  timespec deadline = timespec_of(deadline_ns);
  syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
          deadline_ns ? &deadline : nullptr, nullptr, FUTEX_BITSET_MATCH_ANY);
}

void wake(const std::atomic<uint32_t>& word, int count) {
  syscall(SYS_futex, &word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, nullptr, nullptr, 0);
}

uint64_t host_now_ns() { return read_clock(CLOCK_MONOTONIC); }
uint64_t host_real_time_ns() { return read_clock(CLOCK_REALTIME); }
void yield_thread() { sched_yield(); }

KickTimer::KickTimer() {
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = kick_signal();
  event._sigev_un._tid = gettid();
  timer_t timer;
  CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
  timer_ = timer;
}

KickTimer::~KickTimer() { timer_delete(static_cast<timer_t>(timer_)); }

void KickTimer::arm(uint64_t first_ns, uint64_t period_ns) {
  itimerspec when{timespec_of(period_ns), timespec_of(first_ns ? first_ns : 1)};
  timer_settime(static_cast<timer_t>(timer_), 0, &when, nullptr);
}

void KickTimer::disarm() {
  itimerspec never{};
  timer_settime(static_cast<timer_t>(timer_), 0, &never, nullptr);
}

}  // namespace ring3::host
