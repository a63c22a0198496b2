// SPDX-License-Identifier: GPL-2.0-only
#include "bench_kernel.h"

#include <fmt/format.h>

#include <cstdlib>

#include "elf/view.h"
#include "host/file.h"

namespace ring3::bench {
namespace {

class Quiet final : public Diagnostics {
 public:
  void warning(std::string_view) override {}
};

}  // namespace

const std::vector<BenchTarget>& targets() {
  static const std::vector<BenchTarget> found = [] {
    std::vector<BenchTarget> list;
    for (const BenchTarget& known :
         {BenchTarget{"6.1", "6.1.0-56-amd64"}, BenchTarget{"6.12", "6.12.117+deb12-amd64"}})
      if (host::read_file("/lib/modules/" + known.release + "/build/Module.symvers"))
        list.push_back(known);
    return list;
  }();
  return found;
}

Result<std::vector<std::byte>> read_test_module(const BenchTarget& target,
                                                const std::string& name) {
  const char* folder = std::getenv("RING3_BENCH_MODULES");
  std::string path =
      fmt::format("{}/{}/{}.ko", folder ? folder : RING3_BENCH_MODULES, target.release, name);
  auto file = elf::read_module_file(path);
  if (!file)
    return Error{file.error().code,
                 file.error().text + "; run tests/modules/build, or set RING3_BENCH_MODULES"};
  return std::move(file->bytes);
}

Result<std::unique_ptr<target::Target>> open_target(const BenchTarget& target) {
  Quiet quiet;
  target::OpenOptions open;
  open.release = target.release;
  return target::Target::open(open, quiet);
}

std::unique_ptr<BenchKernel> BenchKernel::start(benchmark::State& state, const BenchTarget& target,
                                                kernel::KernelOptions options) {
  std::unique_ptr<BenchKernel> bench(new BenchKernel());
  auto opened = open_target(target);
  if (!opened) {
    state.SkipWithError(opened.error().text.c_str());
    return nullptr;
  }
  bench->target_ = opened.take();
  auto started = kernel::Kernel::start(*bench->target_, std::move(options));
  if (!started) {
    state.SkipWithError(started.error().text.c_str());
    return nullptr;
  }
  bench->kernel_ = started.take();
  bench->traps_ = std::make_unique<debug::Traps>(*bench->kernel_);
  return bench;
}

BenchKernel::~BenchKernel() {
  traps_.reset();
  kernel_.reset();
}

void BenchKernel::run(benchmark::State& state, std::function<void()> body) {
  if (!kernel_->run("bench", std::move(body)))
    state.SkipWithError("the benchmark's task died in an oops");
}

bool for_each_target(const char* name, Aim aim, TargetBenchmark function, Clock clock) {
  for (const BenchTarget& target : targets()) {
    auto* made = benchmark::RegisterBenchmark(fmt::format("{}/{}", name, target.label).c_str(),
                                              [function, aim, &target](benchmark::State& state) {
                                                function(state, target);
                                                if (aim.at_most_ns != 0)
                                                  state.counters["aim_at_most_ns"] = aim.at_most_ns;
                                                if (aim.at_least_per_second != 0)
                                                  state.counters["aim_at_least_per_second"] =
                                                      aim.at_least_per_second;
                                              });
    if (clock == Clock::kManual)
      made->UseManualTime();
    else
      made->UseRealTime();
  }
  return true;
}

}  // namespace ring3::bench

BENCHMARK_MAIN();
