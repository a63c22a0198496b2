// SPDX-License-Identifier: GPL-2.0-only
// A machine for one command: the target found, the kernel started, the log printed as it comes,
// modules loaded and removed with the words that insmod and rmmod would say.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "debug/traps.h"
#include "elf/view.h"
#include "linux/init/main.h"
#include "outside.h"
#include "target/target.h"
#include "user_programs.h"

namespace ring3::tools {

class Outside;

enum ExitStatus { kExitOk = 0, kExitFailed = 1, kExitUsage = 2, kExitOops = 3 };

struct SessionOptions {
  std::string kernel;        // KDIR or a release; empty: the module's vermagic decides
  std::string command_line;  // the machine's, as a boot loader would give it
  std::vector<std::string> module_folders;  // where the machine's modprobe looks
  unsigned cpus = 2;
  bool virtual_time = false;
  bool strict = false;
  std::vector<std::string> trust;  // files with certificates
  bool builtin_keys = true;        // the target's kernel's own
  bool no_patch = false;
  bool guard = false;
  bool verbose = false;
  bool sandbox = false;        // system calls that modules make themselves are stopped
  bool eager_keys = false;     // read the target's certificates now, not at the first signature
  Outside* outside = nullptr;  // null: the host, directly
  // Called when all that has to be read is read, while this process still has one thread.
  std::function<void()> before_machine;
  // The machine ended by itself: on one of its CPUs; must not return. Empty: the process ends.
  std::function<void(const char* reason, int status)> on_end;
  enum class Log { kDmesg, kNoTime, kRaw, kJson, kNone } log = Log::kDmesg;
};

// A .ko read from disk.
struct ModuleFile {
  std::string path;
  std::string name;  // as the kernel will call it
  std::string vermagic;
  std::vector<std::byte> bytes;
  std::vector<std::string> imports, exports, aliases;
};
Result<ModuleFile> read_module(const std::string& path);
// Dependencies first; files that depend on each other in a circle keep their order.
std::vector<ModuleFile> in_dependency_order(std::vector<ModuleFile> files);

class Session {
 public:
  // `module` decides the target when the options do not.
  static Result<std::unique_ptr<Session>> start(const SessionOptions& options,
                                                const ModuleFile* module);
  ~Session();

  struct Outcome {
    int error = 0;      // errno; 0: done
    bool died = false;  // the task was killed by an oops
    int signal = 9;     // that Linux would have sent: SIGKILL, or SIGSEGV for traps
  };
  Outcome load(const ModuleFile& file, const std::string& args);
  Outcome remove(const std::string& name, uint64_t without = 0);
  // A system call made by a task of this name that lacks these capabilities (a bit each).
  Outcome call(const std::string& comm, const std::function<int()>& body, uint64_t without = 0);
  bool oopsed() const { return traps_->oopses() > 0 || kernel_->panicked(); }
  kernel::Kernel& kernel() { return *kernel_; }
  module::SystemCalls& system_calls() { return kernel_->system_calls(); }
  unsigned oopses() const { return traps_->oopses(); }
  // The machine's files, read and written by a task, because that may run module code.
  Result<std::string> read_file(const std::string& path);
  Result<void> write_file(const std::string& path, const std::string& text);
  Result<std::vector<machine::File>> list_files(const std::string& path);
  void step(std::string_view text);  // -v

 private:
  Session() = default;
  SessionOptions options_;
  std::unique_ptr<target::Target> target_;
  std::unique_ptr<kernel::Kernel> kernel_;
  std::unique_ptr<debug::Traps> traps_;
  std::unique_ptr<Outside> direct_;  // unless the options have one
  std::unique_ptr<UserPrograms> programs_;
  std::chrono::steady_clock::time_point last_step_ = std::chrono::steady_clock::now();
};

// What kmod 30's insmod prints for an errno of (f)init_module(2), and rmmod's for delete_module(2).
std::string insmod_error(const std::string& path, int error);
std::string rmmod_error(Session& session, const std::string& name, int error);

}  // namespace ring3::tools
