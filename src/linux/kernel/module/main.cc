// SPDX-License-Identifier: GPL-2.0-only
// Modules seen from modules: references, and who a struct module is.
#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "machine/scheduler.h"

namespace ring3::kernel {
namespace {

// THIS_MODULE is null for built-in code, and every operation on it succeeds.
module::Module* module_of(const k::module* kernel) {
  if (!kernel) return nullptr;
  for (module::Module* module : running().loader->registry().modules())
    if (module->kernel == kernel) return module;
  return nullptr;
}

bool get(module::Module& module) {
  if (module.state() == module::State::kGoing) return false;
  int references = module.references.load();
  do {
    if (references < 0) return false;
  } while (!module.references.compare_exchange_weak(references, references + 1));
  return true;
}

void put(const k::module* kernel) {
  if (module::Module* module = module_of(kernel)) module->references--;
}

KAPI(try_module_get, Real, bool, (k::module * kernel)) {
  module::Module* module = module_of(kernel);
  return !module || get(*module);
}
KAPI(__module_get, Real, void, (k::module * kernel)) {
  if (module::Module* module = module_of(kernel)) module->references++;
}
KAPI(module_put, Real, void, (k::module * kernel)) { put(kernel); }
KAPI(module_refcount, Real, int, (k::module * kernel)) {
  module::Module* module = module_of(kernel);
  return module ? module->references.load() : 0;
}
KAPI(__module_put_and_kthread_exit, Real, void, (k::module * kernel, long code)) {
  put(kernel);
  running().machine->scheduler().exit_current(false);
}

}  // namespace
}  // namespace ring3::kernel
