// SPDX-License-Identifier: GPL-2.0-only
// Measured: a pair of kmalloc(64) and kfree() through the entries that modules call, with the fast
// heap and with the guarded one (two changes of page protection a pair, at least).
// Aims: fast under 100 ns; guarded under 5 us, so that whole test suites can run with --guard.
#include "bench_kernel.h"

namespace ring3::bench {
namespace {

constexpr unsigned kGfpKernel = 0xcc0;  // GFP_KERNEL of both targets

void pair(benchmark::State& state, const BenchTarget& target, bool guarded) {
  auto bench = BenchKernel::start(state, target, {.cpus = 1, .guarded_heap = guarded});
  if (!bench) return;
  using Kmalloc = void*(size_t, unsigned);
  auto* kmalloc = bench->function<Kmalloc>("__kmalloc");
  if (!kmalloc) kmalloc = bench->function<Kmalloc>("__kmalloc_noprof");  // 6.10 and later
  auto* kfree = bench->function<void(const void*)>("kfree");
  if (!kmalloc || !kfree) return state.SkipWithError("kmalloc or kfree is not bound");
  bench->run(state, [&] {
    for (auto _ : state) {
      void* object = kmalloc(64, kGfpKernel);
      if (!object) return state.SkipWithError("kmalloc returned NULL");
      benchmark::DoNotOptimize(object);
      kfree(object);
    }
  });
}
void fast(benchmark::State& state, const BenchTarget& target) { pair(state, target, false); }
void guarded(benchmark::State& state, const BenchTarget& target) { pair(state, target, true); }

[[maybe_unused]] const bool kFast =
    for_each_target("heap/kmalloc_kfree", {.at_most_ns = 100}, &fast);
[[maybe_unused]] const bool kGuarded =
    for_each_target("heap/kmalloc_kfree_guarded", {.at_most_ns = 5e3}, &guarded);

}  // namespace
}  // namespace ring3::bench
