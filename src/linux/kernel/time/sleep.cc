// SPDX-License-Identifier: GPL-2.0-only
// Sleeping for a time, and waiting for it without sleeping.
#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/printk.h"
#include "linux/include/time.h"

namespace ring3::kernel {
namespace {

struct WakeAt : machine::Timer {
  machine::Task* task;
  std::atomic<bool> fired{false};
};

// Sleeps once, with the state that is set, until woken or the machine's time.
void schedule_until(uint64_t deadline_ns) {
  WakeAt alarm;
  alarm.task = this_task();
  alarm.function = [](machine::Timer* timer) {
    auto* self = static_cast<WakeAt*>(timer);
    machine_().scheduler().wake(self->task);
    self->fired = true;
  };
  machine::Timers& timers = machine_().timers();
  timers.add(&alarm, deadline_ns);
  schedule();
  // It lies on this stack: gone from the wheel, and not about to run, before we return.
  if (!timers.cancel(&alarm)) timers.wait_running(&alarm);
}

}  // namespace

long schedule_timeout(long timeout) {
  if (timeout == kMaxScheduleTimeout) {
    schedule();
    return timeout;
  }
  if (timeout < 0) {
    kernel_print(KERN_ERR "schedule_timeout: wrong timeout value %lx\n", timeout);
    if (running().dump_stack) running().dump_stack(KERN_ERR);
    set_current_state(kTaskRunning);
    return 0;
  }
  uint64_t end = jiffies() + static_cast<uint64_t>(timeout);
  // A timer for jiffy N runs when N has begun.
  schedule_until(time_of_jiffies(end));
  long left = static_cast<long>(end - jiffies());
  return left < 0 ? 0 : left;
}

void sleep_until(uint64_t deadline_ns, unsigned state) {
  set_current_state(state);
  if (ktime_ns() < deadline_ns && !signal_pending(state)) schedule_until(deadline_ns);
  set_current_state(kTaskRunning);
}

namespace {

KAPI(schedule_timeout, Real, long, (long timeout)) { return schedule_timeout(timeout); }
KAPI(schedule_timeout_interruptible, Real, long, (long timeout)) {
  set_current_state(kTaskInterruptible);
  return schedule_timeout(timeout);
}
KAPI(schedule_timeout_uninterruptible, Real, long, (long timeout)) {
  set_current_state(kTaskUninterruptible);
  return schedule_timeout(timeout);
}
KAPI(schedule_timeout_killable, Real, long, (long timeout)) {
  set_current_state(kTaskKillable);
  return schedule_timeout(timeout);
}
KAPI(schedule_timeout_idle, Real, long, (long timeout)) {
  set_current_state(kTaskIdle);
  return schedule_timeout(timeout);
}
KAPI(io_schedule_timeout, Real, long, (long timeout)) { return schedule_timeout(timeout); }

// One jiffy more than asked, for the one that has begun already.
KAPI(msleep, Real, void, (unsigned ms)) {
  might_sleep();
  long left = static_cast<long>(msecs_to_jiffies(ms) + 1);
  while (left) {
    set_current_state(kTaskUninterruptible);
    left = schedule_timeout(left);
  }
}
KAPI(msleep_interruptible, Real, unsigned long, (unsigned ms)) {
  might_sleep();
  long left = static_cast<long>(msecs_to_jiffies(ms) + 1);
  while (left && !signal_pending(kTaskInterruptible)) {
    set_current_state(kTaskInterruptible);
    left = schedule_timeout(left);
  }
  return static_cast<uint64_t>(left) * (1000 / hz());
}

KAPI(usleep_range_state, Real, void, (unsigned long least, unsigned long most, unsigned state)) {
  might_sleep();
  // The range lets sleeps that end at about the same time share an interrupt; the machine has no
  // reason to be late. Woken early, it sleeps on: only the time counts.
  uint64_t end = ktime_ns() + least * 1000;
  while (ktime_ns() < end && !signal_pending(state)) sleep_until(end, state);
}

// Busy waits. In virtual time they advance the clock as the host's does.
void delay_ns(uint64_t ns) {
  uint64_t end = ktime_ns() + ns;
  while (ktime_ns() < end) {
    __builtin_ia32_pause();
    if (kapi::gs_interrupt_pending() && kapi::gs_interrupts_on()) machine::deliver_pending();
  }
}
// The argument is microseconds (or nanoseconds) * 2^32 / 10^6 (10^9), as udelay() computes it.
KAPI(__const_udelay, Real, void, (unsigned long scaled)) {
  delay_ns(static_cast<uint64_t>(static_cast<unsigned __int128>(scaled) * kSecondNs >> 32));
}
KAPI(__udelay, Real, void, (unsigned long us)) { delay_ns(us * 1000); }
KAPI(__ndelay, Real, void, (unsigned long ns)) { delay_ns(ns); }
// Processor cycles; one is taken to be a nanosecond / 2.
KAPI(__delay, Partial("cycles of an assumed 2 GHz"), void, (unsigned long loops)) {
  delay_ns(loops / 2);
}

}  // namespace
}  // namespace ring3::kernel
