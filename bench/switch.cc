// SPDX-License-Identifier: GPL-2.0-only
// Measured: what every wait and every call costs. Two tasks that yield to each other on one CPU
// (time of one switch); two tasks that wake each other and sleep, on one CPU and on two (time of
// one wake-up; across CPUs it contains a host thread's wake-up); an empty function of the kernel
// API through its thunk and entry; a timer added and cancelled. Aims: switch under 200 ns, wake-up
// under 500 ns on a CPU and 50 us across, call under 10 ns, timer under 50 ns.
#include <atomic>

#include "bench_kernel.h"

namespace ring3::bench {
namespace {

using machine::Scheduler;
using machine::Task;

void yield(benchmark::State& state, const BenchTarget& target) {
  auto bench = BenchKernel::start(state, target, {.cpus = 1});
  if (!bench) return;
  Scheduler& scheduler = bench->kernel().machine().scheduler();
  std::atomic<bool> stop{false};
  bench->run(state, [&] {
    Task* other = scheduler.create("other", [&] {
      while (!stop.load(std::memory_order_relaxed)) scheduler.schedule();
    });
    scheduler.wake(other);
    for (auto _ : state) scheduler.schedule();  // there and back
    stop = true;
    scheduler.join(other);
    scheduler.destroy(other);
  });
  state.SetItemsProcessed(state.iterations() * 2);
}

// The turn makes a wake-up that finds the other still awake harmless.
void ping_pong(benchmark::State& state, const BenchTarget& target, unsigned cpus) {
  auto bench = BenchKernel::start(state, target, {.cpus = cpus});
  if (!bench) return;
  Scheduler& scheduler = bench->kernel().machine().scheduler();
  std::atomic<int> turn{0};  // 0: the measuring task's, 1: the other's, 2: the end
  auto wait_while = [&](int value) {
    Task* self = Scheduler::current();
    while (true) {
      self->state->store(machine::kUninterruptible);
      if (turn.load() != value) break;
      scheduler.schedule();
    }
    self->state->store(machine::kRunning);
  };
  bench->run(state, [&] {
    Task* first = Scheduler::current();
    Task* other = scheduler.create("other", [&] {
      while (true) {
        wait_while(0);
        if (turn.load() == 2) return;
        turn = 0;
        scheduler.wake(first);
      }
    });
    if (cpus > 1) {
      scheduler.allow_cpus(first, 1);
      scheduler.allow_cpus(other, 2);
    }
    scheduler.wake(other);
    for (auto _ : state) {
      turn = 1;
      scheduler.wake(other);
      wait_while(1);
    }
    turn = 2;
    scheduler.wake(other);
    scheduler.join(other);
    scheduler.destroy(other);
  });
  state.SetItemsProcessed(state.iterations() * 2);
}
void wake_same(benchmark::State& state, const BenchTarget& target) { ping_pong(state, target, 1); }
void wake_other(benchmark::State& state, const BenchTarget& target) { ping_pong(state, target, 2); }

void crossing(benchmark::State& state, const BenchTarget& target) {
  auto bench = BenchKernel::start(state, target, {.cpus = 1});
  if (!bench) return;
  auto* empty = bench->function<void()>("console_lock");  // a stub with an empty body
  if (!empty) return state.SkipWithError("console_lock is not bound");
  bench->run(state, [&] {
    for (auto _ : state) empty();
  });
}

void timer(benchmark::State& state, const BenchTarget& target) {
  auto bench = BenchKernel::start(state, target, {.cpus = 1});
  if (!bench) return;
  machine::Timers& timers = bench->kernel().machine().timers();
  bench->run(state, [&] {
    machine::Timer timer{.function = [](machine::Timer*) {}};
    uint64_t deadline = bench->kernel().machine().clock().now_ns() + 3'600'000'000'000;
    for (auto _ : state) {
      timers.add(&timer, deadline);
      timers.cancel(&timer);
    }
  });
}

[[maybe_unused]] const bool kRegistered =
    for_each_target("switch/yield", {.at_most_ns = 200}, &yield) &&
    for_each_target("switch/wake_same_cpu", {.at_most_ns = 500}, &wake_same) &&
    for_each_target("switch/wake_other_cpu", {.at_most_ns = 50e3}, &wake_other) &&
    for_each_target("switch/kapi_call", {.at_most_ns = 10}, &crossing) &&
    for_each_target("switch/timer_add_cancel", {.at_most_ns = 50}, &timer);

}  // namespace
}  // namespace ring3::bench
