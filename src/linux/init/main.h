// SPDX-License-Identifier: GPL-2.0-only
// start_kernel: a machine with Linux's face on. Binds the kernel API to a target, creates memory
// and CPUs, sets up what modules expect to find, and starts. Destroying the Kernel is the end of
// the machine.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "kapi/binding.h"
#include "linux/include/machine_end.h"
#include "linux/include/user_mode_helper.h"
#include "machine/log.h"
#include "machine/machine.h"
#include "module/loader.h"
#include "module/system_calls.h"
#include "target/target.h"

namespace ring3::kernel {

// Kills the call that it was given to, from any thread, at any time: as SIGKILL to the process
// whose system call it is. Afterwards it knows which signal an oops in the call means.
class KillSwitch {
 public:
  void kill();
  int death_signal() const { return death_signal_; }

 private:
  friend class Kernel;
  void watch(machine::Task* task);
  void signal();
  std::mutex mutex_;
  machine::Task* task_ = nullptr;
  bool killed_ = false;
  int death_signal_ = 9;
};

struct KernelOptions {
  unsigned cpus = 2;
  machine::ClockKind clock = machine::ClockKind::kReal;
  uint64_t ram_size = 1ull << 30;
  bool guarded_heap = false;
  std::string command_line;  // as a boot loader would give it: module_blacklist=a,b nomodule ...
  module::LoaderOptions loader;
  std::vector<module::Certificate> trusted;  // keys whose signatures count
  bool builtin_keys = true;                  // those of the target's kernel, too
  machine::LogOptions log;
  std::function<void(std::string_view step)> step;  // `ring3 run -v`
  UserModeHelper user_mode_helper;                  // may be empty: no program can be started
  // The machine panicked: called on the CPU that did; may end the process. The task that panicked
  // never goes on.
  std::function<void(const char* reason)> on_panic;
  // The machine was switched off, halted or restarted (linux/kernel/reboot.cc): the same. Empty:
  // the task that did it ends, and nothing else.
  std::function<void(MachineEnd how)> on_end;
};

class Kernel {
 public:
  static Result<std::unique_ptr<Kernel>> start(const target::Target& target, KernelOptions options);
  ~Kernel();

  kapi::Binding& binding() { return *binding_; }
  machine::Machine& machine() { return *machine_; }
  module::Loader& loader() { return *loader_; }
  module::SystemCalls& system_calls() { return *system_calls_; }
  machine::FileTree& files() { return files_; }
  machine::Log& log() { return log_; }
  // pr_LEVEL for the runtime itself.
  void print(int level, std::string_view line);

  // Run body as a task called `comm`, which has every capability but those in `without` (a bit
  // each). False: it died in an oops, or the machine panicked.
  bool run(const std::string& comm, std::function<void()> body, uint64_t without = 0,
           KillSwitch* kill = nullptr);
  bool panicked() const { return panicked_; }

 private:
  explicit Kernel(const KernelOptions& options);
  Result<void> boot(const target::Target& target, const KernelOptions& options);
  void start_machine(const KernelOptions& options);
  void start_loader(const KernelOptions& options);

  machine::Log log_;
  std::unique_ptr<kapi::Binding> binding_;
  std::unique_ptr<machine::Machine> machine_;
  machine::FileTree files_;
  std::unique_ptr<module::SignatureVerifier> signatures_;
  std::unique_ptr<module::Loader> loader_;
  std::unique_ptr<module::SystemCalls> system_calls_;
  bool panicked_ = false;
};

}  // namespace ring3::kernel
