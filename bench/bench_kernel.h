// SPDX-License-Identifier: GPL-2.0-only
// What the benchmarks share: the installed kernels, the test modules built for them, and a started
// kernel whose log goes nowhere. A benchmark that needs a machine runs its whole loop inside one
// task, so that starting the task is not in the figure. Real time is measured: a task's CPU is
// another thread than the one that Google Benchmark asks for its CPU time.
#pragma once

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "debug/traps.h"
#include "linux/init/main.h"
#include "target/target.h"

namespace ring3::bench {

struct BenchTarget {
  const char* label;    // "6.1"
  std::string release;  // "6.1.0-56-amd64"
};
// Installed kernels, oldest first. None: the benchmarks that need one are not registered.
const std::vector<BenchTarget>& targets();

// RELEASE/NAME.ko under $RING3_BENCH_MODULES, by default build/modules of the source tree.
Result<std::vector<std::byte>> read_test_module(const BenchTarget& target, const std::string& name);

Result<std::unique_ptr<target::Target>> open_target(const BenchTarget& target);

class BenchKernel {
 public:
  // On an error the benchmark is marked as failed and the result is null.
  static std::unique_ptr<BenchKernel> start(benchmark::State& state, const BenchTarget& target,
                                            kernel::KernelOptions options = {});
  kernel::Kernel& kernel() { return *kernel_; }
  // Runs body as a task. An oops in it fails the benchmark.
  void run(benchmark::State& state, std::function<void()> body);
  // The address that a module would call.
  template <class F>
  F* function(const char* name) {
    return kernel_->binding().address(name).template as<F>();
  }

  ~BenchKernel();

 private:
  std::unique_ptr<target::Target> target_;
  std::unique_ptr<kernel::Kernel> kernel_;
  std::unique_ptr<debug::Traps> traps_;
};

// What a benchmark should reach, written beside it and carried as a counter into the results, so
// that bench/run needs no list of its own. It is reported, never asserted: a loaded machine is no
// fault.
struct Aim {
  double at_most_ns = 0;           // of one iteration, or of one item when items are counted
  double at_least_per_second = 0;  // items
};

// Registers NAME/6.1 and NAME/6.12.
enum class Clock { kReal, kManual };
using TargetBenchmark = void (*)(benchmark::State&, const BenchTarget&);
bool for_each_target(const char* name, Aim aim, TargetBenchmark function,
                     Clock clock = Clock::kReal);

}  // namespace ring3::bench
