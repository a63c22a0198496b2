// SPDX-License-Identifier: GPL-2.0-only
// Loading and removing modules: init_module(2), finit_module(2) and delete_module(2) as functions
// of the machine, with Linux's order of checks, errnos and log lines (CONTRACT 5.1 and 5.2). They
// run in a task; module_init and module_exit run on its stack.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "kapi/binding.h"
#include "machine/machine.h"
#include "module/registry.h"
#include "module/resolver.h"

namespace ring3::module {

struct LoadFlags {
  bool ignore_modversions = false;  // MODULE_INIT_IGNORE_MODVERSIONS
  bool ignore_vermagic = false;     // MODULE_INIT_IGNORE_VERMAGIC
};

enum class Notification : unsigned long { kLive = 0, kComing = 1, kGoing = 2, kUnformed = 3 };

struct LoaderOptions {
  bool strict = false;
  bool patch = true;
};

// What the loader needs of the rest; filled at boot.
struct LoaderServices {
  kapi::Binding* binding = nullptr;
  machine::Machine* machine = nullptr;
  LogFunction log;
  PerCpuService percpu;
  // dump_stack() for a task in runtime code: a positive init is complained about with a trace.
  std::function<void()> dump_stack;
  // Step names with the time they took, for `ring3 run -v`. May be empty.
  std::function<void(std::string_view step)> step;
  // The module notifier chain. An errno of kComing is a veto.
  std::function<int(Notification, Module&)> notify;
  // Called with a module when its image is complete and before its init runs, and when it has gone.
  std::function<void(Module&)> coming;
  std::function<void(Module&)> gone;
};

class Loader {
 public:
  Loader(LoaderServices services, LoaderOptions options);
  ~Loader();

  // init_module(2). `file` is uncompressed. On success the module is live.
  Result<Module*> init_module(Bytes file, std::string args, LoadFlags flags = {},
                              std::string path = {});
  // delete_module(2). Flags: O_NONBLOCK is irrelevant (Linux never waits), O_TRUNC forces.
  Result<void> delete_module(std::string_view name, bool force = false);

  Registry& registry() { return registry_; }
  const LoaderServices& services() const { return services_; }
  // "name+0x10/0x20 [module]" for an address in a module or in the kernel API; hexadecimal
  // otherwise. A return address belongs to the call before it, maybe a function's last instruction.
  std::string symbolise(uint64_t address, bool offset = true, bool return_address = false) const;

 private:
  struct Loading;
  void log(int level, std::string line) const { services_.log(level, line); }
  void step(std::string_view name) const {
    if (services_.step) services_.step(name);
  }
  Result<void> check_versions(Loading& loading);
  Result<void> check_modinfo(Loading& loading);
  Result<void> add_unformed(Loading& loading);
  Result<void> link(Loading& loading);
  Result<void> fill_module(Loading& loading);
  Result<void> collect_exports(Loading& loading);
  Result<void> set_params(Loading& loading);
  Result<void> run_init(Loading& loading);
  int call_init(Module& module);
  void discard(Module* module);
  int notify(Notification what, Module& module) const {
    return services_.notify ? services_.notify(what, module) : 0;
  }

  LoaderServices services_;
  LoaderOptions options_;
  Registry registry_;
  bool told_out_of_tree_ = false;
  bool told_unsigned_ = false;
  bool told_license_ = false;
};

}  // namespace ring3::module
