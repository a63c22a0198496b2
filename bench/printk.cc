// SPDX-License-Identifier: GPL-2.0-only
// Measured: records a second that a module can write through _printk's own entry (a short format
// with one number; the log has no reader), and records a second read back from a full ring.
// Aim: over 2 million written a second, so that a chatty module is not slower here than on Linux.
#include "bench_kernel.h"

namespace ring3::bench {
namespace {

using Printk = int(const char*, ...);

void write_records(benchmark::State& state, const BenchTarget& target) {
  auto bench = BenchKernel::start(state, target, {.cpus = 1});
  if (!bench) return;
  auto* printk = bench->function<Printk>("_printk");
  if (!printk) return state.SkipWithError("_printk is not bound");
  uint64_t before = bench->kernel().log().next();
  bench->run(state, [&] {
    int number = 0;
    for (auto _ : state) printk("\0016hello %d\n", number++);
  });
  // A record that was lost must not count as a fast one.
  if (bench->kernel().log().next() - before < static_cast<uint64_t>(state.iterations()))
    state.SkipWithError("records are missing from the log");
  state.SetItemsProcessed(state.iterations());
}

void read_records(benchmark::State& state, const BenchTarget& target) {
  auto bench = BenchKernel::start(state, target, {.cpus = 1});
  if (!bench) return;
  auto* printk = bench->function<Printk>("_printk");
  if (!printk) return state.SkipWithError("_printk is not bound");
  machine::Log& log = bench->kernel().log();
  bench->run(state, [&] {
    for (int i = 0; i < 10'000; i++) printk("\0016hello %d\n", i);
  });
  machine::LogRecord record;
  int64_t records = 0;
  for (auto _ : state) {
    machine::Log::Cursor cursor;
    while (log.read(cursor, record)) records++;
  }
  state.SetItemsProcessed(records);
}

[[maybe_unused]] const bool kWrite =
    for_each_target("printk/write", {.at_least_per_second = 2e6}, &write_records);
[[maybe_unused]] const bool kRead = for_each_target("printk/read_back", {}, &read_records);

}  // namespace
}  // namespace ring3::bench
