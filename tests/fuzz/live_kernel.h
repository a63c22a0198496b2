// SPDX-License-Identifier: GPL-2.0-only
// A machine that lives as long as the fuzzer does, and the test modules for it. Modules' init
// functions are not run: what is fuzzed is the runtime.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "debug/traps.h"
#include "elf/view.h"
#include "linux/init/main.h"
#include "module/system_calls.h"

namespace ring3 {

[[noreturn]] inline void die(const std::string& text) {
  fmt::print(stderr, "fuzzer: {}\n", text);
  std::abort();
}

class LiveKernel {
 public:
  // Never destroyed: libFuzzer ends the process with exit().
  static LiveKernel& instance() {
    static LiveKernel* made = new LiveKernel;
    return *made;
  }

  kernel::Kernel& kernel() { return *kernel_; }
  module::Loader& loader() { return kernel_->loader(); }

  static std::vector<std::byte> read_module(const std::string& name) {
    auto file =
        elf::read_module_file(fmt::format("{}/{}/{}.ko", RING3_TEST_MODULES, kRelease, name));
    if (!file) die(file.error().text + "; build the test modules first: tests/modules/build");
    return std::move(file->bytes);
  }

  // A task does it; it must not die in an oops.
  void run(const std::function<void()>& body) {
    said_.clear();
    if (!kernel_->run("fuzz", body)) die("the task died in an oops:\n" + said_);
  }

 private:
  static constexpr const char* kRelease = "6.1.0-56-amd64";

  LiveKernel() {
    IgnoreDiagnostics ignore;
    auto target = target::Target::open({.release = kRelease}, ignore);
    if (!target) die(target.error().text);
    target_ = target.take();
    kernel::KernelOptions options{.cpus = 1, .ram_size = 64ull << 20};
    options.loader.call_init = false;
    options.log.sink = [](void* said, const machine::LogRecordView& record) {
      *static_cast<std::string*>(said) += fmt::format("{}\n", record.text);
    };
    options.log.sink_context = &said_;
    auto kernel = kernel::Kernel::start(*target_, options);
    if (!kernel) die(kernel.error().text);
    kernel_ = kernel.take();
    traps_ = std::make_unique<debug::Traps>(*kernel_);
  }

  std::unique_ptr<target::Target> target_;
  std::unique_ptr<kernel::Kernel> kernel_;
  std::unique_ptr<debug::Traps> traps_;
  std::string said_;  // the log of the input that runs
};

}  // namespace ring3
