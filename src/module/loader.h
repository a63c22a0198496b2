// SPDX-License-Identifier: GPL-2.0-only
// Loading and removing modules, with Linux's order of checks, errnos and log lines (CONTRACT 5.1
// and 5.2). The steps run in a task; module_init and module_exit run on its stack. The system calls
// in front of it are in system_calls.h.
//
//   loader.cc     load_module: the list of steps, and what an error undoes
//   checks.cc     steps that only look: versions, modinfo, sections, exports
//   kernel_taints.cc   what a module taints the kernel with
//   init.cc       do_init_module        unload.cc     delete_module, free_module
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "kapi/binding.h"
#include "machine/file_tree.h"
#include "machine/machine.h"
#include "module/registry.h"
#include "module/resolver.h"
#include "module/signature.h"
#include "module/tables.h"

namespace ring3::module {

struct LoadFlags {
  bool ignore_modversions = false;  // MODULE_INIT_IGNORE_MODVERSIONS
  bool ignore_vermagic = false;     // MODULE_INIT_IGNORE_VERMAGIC
  int arguments_error = 0;          // the arguments could not be read: said when they are needed
};

enum class Notification : unsigned long { kLive = 0, kComing = 1, kGoing = 2, kUnformed = 3 };

struct LoaderOptions {
  bool strict = false;
  bool patch = true;
  bool call_init = true;               // false: for measurements with modules that cannot run here
  std::vector<std::string> blacklist;  // module_blacklist=
  std::vector<std::string> initcall_blacklist;  // initcall_blacklist=
  bool modules_disabled = false;                // nomodule
  bool sig_enforce = false;                     // module.sig_enforce
  bool async_probe = false;                     // module.async_probe: for every module
  bool locked_down = false;                     // lockdown=
  std::vector<target::BuiltinModule> builtin;   // what the target's kernel shows in /sys/module
};

// What the loader needs of the rest; filled at boot.
struct LoaderServices {
  kapi::Binding* binding = nullptr;
  machine::Machine* machine = nullptr;
  machine::FileTree* files = nullptr;
  LogFunction log;
  PerCpuService percpu;
  // Whether the signature's key is trusted, and the file unchanged. Empty: no key is.
  SignatureCheck signature;
  std::function<std::string()> current_comm;
  // dump_stack() for a task in runtime code: a positive init is complained about with a trace.
  std::function<void()> dump_stack;
  // WARN() in the function of the kernel that is named; the text has its newline.
  std::function<void(const char* function, const std::string& text)> warn;
  // Step names with the time they took, for `ring3 run -v`. May be empty.
  std::function<void(std::string_view step)> step;
  // The module notifier chain. An errno of kComing is a veto.
  std::function<int(Notification, Module&)> notify;
  // kernel_param_lock() and kernel_param_unlock(): who sets or shows a parameter holds it.
  std::function<void(k::module*, bool lock)> lock_params;
  // Whether the pointers of its pr_debug sites may be followed (tables.h).
  std::function<Result<void>(const Module&)> check_debug_sites;
  // The same of the value of a parameter whose type is the kernel API's.
  std::function<Result<void>(const TableEntry&, const k::kernel_param*)> check_param_argument;
  // `dyndbg=` of a module's arguments; `name.dyndbg=` is about the module of that name.
  std::function<void(const std::string& module, const char* queries)> dyndbg;
};

class Loader {
 public:
  Loader(LoaderServices services, LoaderOptions options);
  ~Loader();

  // load_module of an uncompressed file, signed or not. On success the module is live.
  Result<Module*> load(Bytes file, std::string args, LoadFlags flags = {}, std::string path = {});
  // delete_module(2) after its name was read. It never waits.
  Result<void> unload(std::string_view name, bool force = false);

  Registry& registry() { return registry_; }
  const LoaderServices& services() const { return services_; }
  LoaderOptions& options() { return options_; }
  // "name+0x10/0x20 [module]" for an address in a module or in the kernel API; hexadecimal
  // otherwise. A return address belongs to the call before it, maybe a function's last instruction.
  std::string symbolise(uint64_t address, bool offset = true, bool return_address = false) const;
  // Setting a parameter marked unsafe taints the kernel.
  void note_unsafe(const k::kernel_param* param);
  void lock_params(const Module& module, bool lock) const {
    if (services_.lock_params) services_.lock_params(module.kernel, lock);
  }

 private:
  struct Loading;
  void log(int level, std::string line) const { services_.log(level, line); }
  void step(std::string_view name) const {
    if (services_.step) services_.step(name);
  }
  Result<void> check_signature(Loading& loading);
  Result<void> check_blacklist(const Loading& loading) const;
  Result<void> check_versions(Loading& loading);
  Result<void> check_vermagic(Loading& loading);
  void read_modinfo(Loading& loading);
  void taint_by_modinfo(Loading& loading);
  void taint_unsigned(Module& module);
  void taint_by_name(Module& module);
  void tell_of_licence(const Module& module, uint64_t before);
  void look_at_sections(Loading& loading);
  Result<void> claim_name(Loading& loading);
  Result<void> link(Loading& loading);
  Result<void> fill_module(Loading& loading);
  Result<void> collect_exports(Loading& loading);
  Result<void> publish(Loading& loading);
  Result<void> set_params(Loading& loading);
  bool set_special(Module& module, std::string_view name, const char* value);
  Result<void> show(Module& module);
  Result<void> run_init(Module& module);
  int call_init(Module& module);
  void discard(Module* module);
  void taint(Module& module, Taint which);
  void taint(Module& module, Taint which, const std::string& line);  // told if it is the first
  void taint(Taint which);
  void force_load(Module& module, const char* reason);
  // True the first time that it is asked about `what` since boot.
  enum Once : uint8_t { kToldUnsigned, kToldLockDebugging, kToldLivepatch };
  bool first(Once what);
  int notify(Notification what, Module& module) const {
    return services_.notify ? services_.notify(what, module) : 0;
  }

  LoaderServices services_;
  LoaderOptions options_;
  Registry registry_;
  std::atomic<unsigned> told_{0};
};

}  // namespace ring3::module
