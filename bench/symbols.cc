// SPDX-License-Identifier: GPL-2.0-only
// Measured: the three questions about names. Binding::lookup (each import of each load asks it)
// over every export of the target, traps made beforehand; Registry::find_export with a module that
// exports; Loader::symbolise (each line of a backtrace) in a module of many symbols and in the
// kernel API.
// Aims: lookup and find_export under 100 ns, symbolise under 1 us.
#include <algorithm>

#include "bench_kernel.h"

namespace ring3::bench {
namespace {

void lookup(benchmark::State& state, const BenchTarget& target) {
  auto bench = BenchKernel::start(state, target);
  if (!bench) return;
  kapi::Binding& binding = bench->kernel().binding();
  std::vector<std::string> names;
  for (const target::Export& item : binding.target().exports()) names.emplace_back(item.name);
  // Missing data takes a page a name; the functions and what is bound are what loads ask for.
  std::erase_if(names, [&](const std::string& name) { return !binding.record(name); });
  if (names.empty()) return state.SkipWithError("nothing is bound");
  size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(binding.lookup(names[at]));
    if (++at == names.size()) at = 0;
  }
}

// Loads NAME in a task and runs body in the same one.
template <class Body>
void with_module(benchmark::State& state, const BenchTarget& target, const char* name, Body body) {
  auto file = read_test_module(target, name);
  if (!file) return state.SkipWithError(file.error().text.c_str());
  auto bench = BenchKernel::start(state, target);
  if (!bench) return;
  bench->run(state, [&] {
    auto loaded = bench->kernel().loader().load(*file, "");
    if (!loaded) return state.SkipWithError("init_module failed");
    body(*bench, **loaded);
    (void)bench->kernel().loader().unload((*loaded)->name);
  });
}

void find_export(benchmark::State& state, const BenchTarget& target) {
  with_module(state, target, "namespace_owner", [&](BenchKernel& bench, module::Module& module) {
    if (module.exports.empty()) return state.SkipWithError("the module exports nothing");
    std::string name(module.exports.front().name);
    const module::Registry& registry = bench.kernel().loader().registry();
    module::Registry::Hold hold(registry);
    for (auto _ : state) benchmark::DoNotOptimize(registry.find_export(name, hold));
  });
}

void symbolise_module(benchmark::State& state, const BenchTarget& target) {
  with_module(state, target, "many_symbols", [&](BenchKernel& bench, module::Module& module) {
    const link::RegionMemory& text =
        module.image->regions[static_cast<size_t>(link::Region::kText)];
    if (text.size < 2) return state.SkipWithError("the module has no text");
    uint64_t at = 0;
    for (auto _ : state) {
      benchmark::DoNotOptimize(bench.kernel().loader().symbolise(text.base.value + at));
      at = (at + 61) % text.size;
    }
    state.counters["symbols"] = static_cast<double>(module.image->symbols.size());
  });
}

void symbolise_kernel(benchmark::State& state, const BenchTarget& target) {
  auto bench = BenchKernel::start(state, target);
  if (!bench) return;
  uint64_t address = bench->kernel().binding().address("_printk").value;
  if (!address) return state.SkipWithError("_printk is not bound");
  for (auto _ : state) benchmark::DoNotOptimize(bench->kernel().loader().symbolise(address + 3));
}

[[maybe_unused]] const bool kRegistered =
    for_each_target("symbols/lookup", {.at_most_ns = 100}, &lookup) &&
    for_each_target("symbols/find_export", {.at_most_ns = 100}, &find_export) &&
    for_each_target("symbols/symbolise_module", {.at_most_ns = 1e3}, &symbolise_module) &&
    for_each_target("symbols/symbolise_kernel", {.at_most_ns = 1e3}, &symbolise_kernel);

}  // namespace
}  // namespace ring3::bench
