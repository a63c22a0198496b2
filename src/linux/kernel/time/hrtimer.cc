// SPDX-License-Identifier: GPL-2.0-only
// struct hrtimer on the machine's timers. As with timer_list, a queued one has an Armed of ours;
// the struct shows its state and expiry, and points at a hrtimer_clock_base, for inlined code calls
// base->get_time() and compares base->running. Functions run in the virtual hard interrupt with
// interrupts off, those of soft timers in HRTIMER_SOFTIRQ.
#include <deque>
#include <unordered_map>

#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/softirq.h"
#include "linux/include/time.h"
#include "linux/kernel/sched/sched.h"

namespace ring3::k {
struct hrtimer_clock_base;
struct hrtimer_sleeper;
}  // namespace ring3::k

namespace ring3::kernel {

KFIELD_PATH(hrtimer, node.expires, expires, long long);
KFIELD(hrtimer, _softexpires, long long);
KFIELD(hrtimer, function, unsigned (*)(k::hrtimer*));
KFIELD(hrtimer, base, k::hrtimer_clock_base*);
KFIELD(hrtimer, state, unsigned char);
KFIELD(hrtimer, is_rel, unsigned char);
KFIELD(hrtimer, is_soft, unsigned char);
KFIELD(hrtimer, is_hard, unsigned char);
KSIZE(hrtimer);
KSIZE(hrtimer_clock_base);
KFIELD(hrtimer_clock_base, index, unsigned);
KFIELD(hrtimer_clock_base, clockid, int);
KFIELD(hrtimer_clock_base, running, k::hrtimer*);
KFIELD(hrtimer_clock_base, get_time, long long (*)());
KPLACE(hrtimer_sleeper, timer, timer);
KFIELD(hrtimer_sleeper, task, k::task_struct*);

namespace {

// include/linux/hrtimer.h
constexpr unsigned kRelative = 1, kSoft = 4, kHard = 8;  // enum hrtimer_mode, bits
constexpr unsigned char kInactive = 0, kEnqueued = 1;
constexpr unsigned kRestart = 1;
constexpr unsigned kMaxCpus = 64;
// enum hrtimer_base_type; the soft bases come after the hard ones in the same order.
enum Base { kMonotonic, kRealtime, kBoottime, kTai, kHardBases };

struct Armed : machine::Timer {
  k::hrtimer* timer = nullptr;  // null: unused
  Armed* next = nullptr;
  bool expired = false;
};

struct State {
  machine::SpinLock lock;
  std::deque<Armed> all;
  Armed* unused = nullptr;
  std::unordered_map<const k::hrtimer*, Armed*> queued;
  Armed* soft_head[kMaxCpus] = {};
  Armed* soft_tail[kMaxCpus] = {};
  // By CPU and kind: a hard one may interrupt a soft one.
  std::atomic<const k::hrtimer*> running[kMaxCpus][2] = {};
  std::vector<uint8_t> base_memory;
};
State timers;

k::hrtimer_clock_base* base(unsigned index) {
  uint64_t size = sizeof_hrtimer_clock_base();
  return reinterpret_cast<k::hrtimer_clock_base*>(timers.base_memory.data() + index * size);
}

unsigned clock_of(const k::hrtimer* timer) {
  return hrtimer_clock_base_index(hrtimer_base(timer)) % kHardBases;
}
uint64_t offset_of(unsigned clock) {
  return clock == kRealtime || clock == kTai ? ktime_real_ns() - ktime_ns() : 0;
}
int64_t now_of(const k::hrtimer* timer) {
  return static_cast<int64_t>(ktime_ns() + offset_of(clock_of(timer)));
}

bool dequeue_locked(k::hrtimer* timer) {
  auto found = timers.queued.find(timer);
  if (found == timers.queued.end()) return false;
  Armed* armed = found->second;
  timers.queued.erase(found);
  machine_().timers().cancel(armed);
  armed->timer = nullptr;
  if (!armed->expired) {
    armed->next = timers.unused;
    timers.unused = armed;
  }
  hrtimer_state(timer) = kInactive;
  return true;
}

void expire(machine::Timer* machine_timer);

void enqueue_locked(k::hrtimer* timer) {
  Armed* armed = timers.unused;
  if (armed) {
    timers.unused = armed->next;
  } else {
    armed = &timers.all.emplace_back();
    armed->machine::Timer::function = &expire;
  }
  armed->timer = timer;
  armed->expired = false;
  timers.queued[timer] = armed;
  hrtimer_state(timer) = kEnqueued;
  int64_t when = hrtimer_expires(timer) - static_cast<int64_t>(offset_of(clock_of(timer)));
  machine_().timers().add(armed, when < 0 ? 0 : static_cast<uint64_t>(when));
}

// Without the lock. The function may free the timer unless it asks for a restart.
void call(k::hrtimer* timer, k::hrtimer_clock_base* clock_base, unsigned kind) {
  bool restart = hrtimer_function(timer)(timer) == kRestart;
  machine::SpinGuard guard(timers.lock);
  if (restart && !timers.queued.contains(timer)) enqueue_locked(timer);
  hrtimer_clock_base_running(clock_base) = nullptr;
  timers.running[this_cpu()][kind] = nullptr;
}

// Takes the timer out of the queue and makes it the running one.
void begin_locked(k::hrtimer* timer, unsigned kind) {
  dequeue_locked(timer);
  hrtimer_clock_base_running(hrtimer_base(timer)) = timer;
  timers.running[this_cpu()][kind] = timer;
}

void expire(machine::Timer* machine_timer) {
  auto* armed = static_cast<Armed*>(machine_timer);
  k::hrtimer* timer;
  {
    machine::SpinGuard guard(timers.lock);
    timer = armed->timer;
    if (!timer || armed->expired || machine_().timers().pending(armed) ||
        armed->deadline_ns > ktime_ns())
      return;
    if (hrtimer_is_soft(timer)) {
      armed->expired = true;
      armed->next = nullptr;
      Armed*& tail = timers.soft_tail[this_cpu()];
      (tail ? tail->next : timers.soft_head[this_cpu()]) = armed;
      tail = armed;
      return raise_softirq(kHrtimerSoftirq);
    }
    begin_locked(timer, 0);
  }
  jiffies();
  call(timer, hrtimer_base(timer), 0);
}

void run_soft() {
  unsigned cpu = this_cpu();
  while (true) {
    k::hrtimer* timer;
    {
      machine::SpinGuard guard(timers.lock);
      Armed* armed = timers.soft_head[cpu];
      if (!armed) return;
      timers.soft_head[cpu] = armed->next;
      if (!armed->next) timers.soft_tail[cpu] = nullptr;
      armed->expired = false;
      timer = armed->timer;
      if (!timer) {
        armed->next = timers.unused;
        timers.unused = armed;
        continue;
      }
      begin_locked(timer, 1);
    }
    call(timer, hrtimer_base(timer), 1);
  }
}

bool is_running(const k::hrtimer* timer) {
  for (auto& cpu : timers.running)
    for (auto& running : cpu)
      if (running.load() == timer) return true;
  return false;
}

void start(k::hrtimer* timer, int64_t time, uint64_t range, unsigned mode) {
  machine::SpinGuard guard(timers.lock);
  dequeue_locked(timer);
  if (mode & kRelative) {
    int64_t sum;
    time = __builtin_add_overflow(time, now_of(timer), &sum) || sum < 0 ? INT64_MAX : sum;
  }
  hrtimer_is_rel(timer) = mode & kRelative;
  hrtimer__softexpires(timer) = time;
  int64_t latest;
  if (__builtin_add_overflow(time, static_cast<int64_t>(range), &latest)) latest = INT64_MAX;
  hrtimer_expires(timer) = latest;
  enqueue_locked(timer);
}

int try_cancel(k::hrtimer* timer) {
  machine::SpinGuard guard(timers.lock);
  // Left alone while its function runs, even if that queued it again, as on Linux.
  if (is_running(timer)) return -1;
  return dequeue_locked(timer);
}

int cancel(k::hrtimer* timer) {
  Spinner spinner;
  while (true) {
    int was = try_cancel(timer);
    if (was >= 0) return was;
    if (!spinner.turn()) return 0;
  }
}

constexpr int kClockRealtime = 0, kClockMonotonic = 1, kClockBoottime = 7, kClockTai = 11;
unsigned base_of_clock(int clock) {
  switch (clock) {
    case kClockRealtime:
      return kRealtime;
    case kClockBoottime:
      return kBoottime;
    case kClockTai:
      return kTai;
    default:
      return kMonotonic;
  }
}

void initialise(k::hrtimer* timer, int clock, unsigned mode) {
  __builtin_memset(static_cast<void*>(timer), 0, sizeof_hrtimer());
  // A relative real time does not follow changes of the clock.
  if (clock == kClockRealtime && (mode & kRelative)) clock = kClockMonotonic;
  unsigned index = base_of_clock(clock) + (mode & kSoft ? kHardBases : 0);
  hrtimer_is_soft(timer) = (mode & kSoft) != 0;
  hrtimer_is_hard(timer) = (mode & kHard) != 0;
  hrtimer_base(timer) = base(index);
}

KDATA_INIT(hrtimer_resolution, Real, nullptr, sizeof(unsigned))
{ *static_cast<unsigned*>(at) = 1; }

KAPI(hrtimer_init, Real, void, (k::hrtimer * timer, int clock, unsigned mode)) {
  initialise(timer, clock, mode);
}
KAPI(hrtimer_start_range_ns, Real, void,
     (k::hrtimer * timer, long long time, unsigned long long range, unsigned mode)) {
  start(timer, time, range, mode);
}
KAPI(hrtimer_cancel, Real, int, (k::hrtimer * timer)) { return cancel(timer); }
KAPI(hrtimer_try_to_cancel, Real, int, (k::hrtimer * timer)) { return try_cancel(timer); }
KAPI(hrtimer_active, Real, bool, (const k::hrtimer* timer)) {
  machine::SpinGuard guard(timers.lock);
  return hrtimer_state(timer) != kInactive || is_running(timer);
}
KAPI(__hrtimer_get_remaining, Real, long long, (const k::hrtimer* timer, bool adjust)) {
  return hrtimer_expires(timer) - now_of(timer);
}
KAPI(hrtimer_forward, Real, unsigned long long,
     (k::hrtimer * timer, long long now, long long interval)) {
  int64_t late = now - hrtimer_expires(timer);
  if (late < 0 || hrtimer_state(timer) != kInactive) return 0;
  if (interval < 1) interval = 1;
  auto add = [&](int64_t time) {
    hrtimer_expires(timer) += time;
    hrtimer__softexpires(timer) += time;
  };
  uint64_t periods = 0;
  if (late >= interval) {
    periods = static_cast<uint64_t>(late / interval);
    add(interval * static_cast<int64_t>(periods));
    if (hrtimer_expires(timer) > now) return periods;
    periods++;
  } else {
    periods = 1;
  }
  add(interval);
  return periods;
}

// Not exported: what base->get_time points at, and the function of sleepers.
KAPI(ring3_hrtimer_monotonic, Real, long long, ()) { return static_cast<int64_t>(ktime_ns()); }
KAPI(ring3_hrtimer_realtime, Real, long long, ()) { return static_cast<int64_t>(ktime_real_ns()); }
KAPI(ring3_hrtimer_wakeup, Real, unsigned, (k::hrtimer * timer)) {
  auto* sleeper = reinterpret_cast<k::hrtimer_sleeper*>(reinterpret_cast<uint64_t>(timer) -
                                                        kfield_hrtimer_sleeper_timer.offset);
  k::task_struct* task = hrtimer_sleeper_task(sleeper);
  hrtimer_sleeper_task(sleeper) = nullptr;
  if (task) wake_up_state(task, kTaskNormal);
  return 0;
}
KAPI(hrtimer_init_sleeper, Real, void, (k::hrtimer_sleeper * sleeper, int clock, unsigned mode)) {
  auto* timer = static_cast<k::hrtimer*>(hrtimer_sleeper_timer(sleeper));
  initialise(timer, clock, mode);
  hrtimer_function(timer) = kapi_entry_ring3_hrtimer_wakeup;
  hrtimer_sleeper_task(sleeper) = current();
}
KAPI(hrtimer_sleeper_start_expires, Real, void, (k::hrtimer_sleeper * sleeper, unsigned mode)) {
  auto* timer = static_cast<k::hrtimer*>(hrtimer_sleeper_timer(sleeper));
  int64_t soft = hrtimer__softexpires(timer);
  start(timer, soft, static_cast<uint64_t>(hrtimer_expires(timer) - soft), mode);
}

int sleep_range(long long* expires, uint64_t range, unsigned mode, int clock) {
  if (expires && *expires == 0) {
    set_current_state(kTaskRunning);
    return 0;
  }
  if (!expires) {
    schedule();
    return -EINTR;
  }
  uint64_t now = ktime_ns();
  uint64_t shift = mode & kRelative ? now : 0 - offset_of(base_of_clock(clock));
  uint64_t end = static_cast<uint64_t>(*expires) + shift + range;
  if (static_cast<int64_t>(end) > static_cast<int64_t>(now))
    sleep_until(end, this_task()->state->load());
  set_current_state(kTaskRunning);
  return ktime_ns() >= end ? 0 : -EINTR;
}
KAPI(schedule_hrtimeout_range_clock, Real, int,
     (long long* expires, unsigned long long range, unsigned mode, int clock)) {
  return sleep_range(expires, range, mode, clock);
}
KAPI(schedule_hrtimeout_range, Real, int,
     (long long* expires, unsigned long long range, unsigned mode)) {
  return sleep_range(expires, range, mode, kClockMonotonic);
}
KAPI(schedule_hrtimeout, Real, int, (long long* expires, unsigned mode)) {
  return sleep_range(expires, 0, mode, kClockMonotonic);
}

}  // namespace

void hrtimers_init(const kapi::Binding&) {
  timers.queued.clear();
  timers.all.clear();
  timers.unused = nullptr;
  for (unsigned i = 0; i < kMaxCpus; i++) {
    timers.soft_head[i] = timers.soft_tail[i] = nullptr;
    timers.running[i][0] = timers.running[i][1] = nullptr;
  }
  constexpr int kClocks[] = {kClockMonotonic, kClockRealtime, kClockBoottime, kClockTai};
  timers.base_memory.assign(2 * kHardBases * sizeof_hrtimer_clock_base(), 0);
  for (unsigned i = 0; i < 2 * kHardBases; i++) {
    unsigned clock = i % kHardBases;
    hrtimer_clock_base_index(base(i)) = i;
    hrtimer_clock_base_clockid(base(i)) = kClocks[clock];
    hrtimer_clock_base_get_time(base(i)) = clock == kMonotonic || clock == kBoottime
                                               ? kapi_entry_ring3_hrtimer_monotonic
                                               : kapi_entry_ring3_hrtimer_realtime;
  }
  set_softirq_handler(kHrtimerSoftirq, run_soft);
}

}  // namespace ring3::kernel
