// SPDX-License-Identifier: GPL-2.0-only
// Measured: one life of a module in a running machine: init_module(2) with the file's bytes in
// memory (checks, linking, parameters, module_init), then delete_module(2) (module_exit, memory
// given back). The module is examples/hello, which prints a line at each end; the log has no
// reader. Aim: under 100 us, because fault injection and exploration load a module thousands of
// times.
#include "bench_kernel.h"
#include "elf/view.h"

namespace ring3::bench {
namespace {

void load_unload(benchmark::State& state, const BenchTarget& target) {
  auto file = read_test_module(target, "hello");
  if (!file) return state.SkipWithError(file.error().text.c_str());
  auto bench = BenchKernel::start(state, target);
  if (!bench) return;
  module::Loader& loader = bench->kernel().loader();
  bench->run(state, [&] {
    for (auto _ : state) {
      auto loaded = loader.load(*file, "");
      if (!loaded) return state.SkipWithError("init_module failed");
      auto removed = loader.unload("hello");
      if (!removed) return state.SkipWithError("delete_module failed");
    }
  });
}

// The same of a module as the distribution ships it, with a signature whose key is trusted:
// RSA-4096 before 6.12, ECDSA with P-384 since. Verifying the latter takes OpenSSL 0.7 ms, which is
// why what was good once is remembered. crc7 has no init and no exit.
void load_unload_signed(benchmark::State& state, const BenchTarget& target) {
  std::string path = "/lib/modules/" + target.release + "/kernel/lib/crc7.ko";
  auto file = elf::read_module_file(path);
  if (!file) file = elf::read_module_file(path + ".xz");
  if (!file) return state.SkipWithError(file.error().text.c_str());
  auto bench = BenchKernel::start(state, target);
  if (!bench) return;
  module::Loader& loader = bench->kernel().loader();
  bench->run(state, [&] {
    for (auto _ : state) {
      auto loaded = loader.load(file->bytes, "");
      if (!loaded) return state.SkipWithError("init_module failed");
      auto removed = loader.unload("crc7");
      if (!removed) return state.SkipWithError("delete_module failed");
    }
  });
}

[[maybe_unused]] const bool kRegisteredSigned =
    for_each_target("load/signed", {.at_most_ns = 200e3}, &load_unload_signed);
[[maybe_unused]] const bool kRegistered =
    for_each_target("load/hello", {.at_most_ns = 100e3}, &load_unload);

}  // namespace
}  // namespace ring3::bench
