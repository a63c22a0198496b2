// SPDX-License-Identifier: GPL-2.0-only
// Modules seen from modules: references, and who a struct module is.
#include "kapi/kapi.h"
#include "linux/include/bug.h"
#include "linux/include/kernel.h"
#include "linux/include/module_refs.h"
#include "linux/include/printk.h"
#include "linux/kernel/jump_label.h"
#include "linux/kernel/module/notify.h"
#include "linux/kernel/notifier.h"
#include "machine/scheduler.h"

namespace ring3::kernel {
namespace {

using Hold = module::Registry::Hold;

module::Registry& registry() { return running().loader->registry(); }

// THIS_MODULE is null for built-in code, and every operation on it succeeds.
module::Module* module_of(const k::module* kernel) {
  if (!kernel) return nullptr;
  auto* module = registry().containing(reinterpret_cast<uint64_t>(kernel));
  return module && module->kernel == kernel ? module : nullptr;
}

bool get(module::Module& module) {
  if (module.state() == module::State::kGoing) return false;
  int references = module.references.load();
  do {
    if (references < 0) return false;
  } while (!module.references.compare_exchange_weak(references, references + 1));
  return true;
}

// Never below what an unused module has, which while it goes is one less.
void put(module::Module& module) {
  int least = module.state() == module::State::kGoing ? 0 : 1;
  int references = module.references.load();
  do {
    if (references < least) {
      warn_report("kernel/module/main.c", 857, "module_put", "");
      return;
    }
  } while (!module.references.compare_exchange_weak(references, references - 1));
}
void put(const k::module* kernel) {
  Hold hold(registry());
  if (module::Module* module = module_of(kernel)) put(*module);
}

bool try_get(const k::module* kernel) {
  Hold hold(registry());
  module::Module* module = module_of(kernel);
  return !module || get(*module);
}

KAPI(try_module_get, Real, bool, (k::module * kernel)) { return try_get(kernel); }
KAPI(__module_get, Real, void, (k::module * kernel)) {
  Hold hold(registry());
  if (module::Module* module = module_of(kernel)) module->references++;
}
KAPI(module_put, Real, void, (k::module * kernel)) { put(kernel); }
KAPI(module_refcount, Real, int, (k::module * kernel)) {
  Hold hold(registry());
  module::Module* module = module_of(kernel);
  return module ? module->references.load() : 0;
}
KAPI(__module_put_and_kthread_exit, Real, void, (k::module * kernel, long code)) {
  put(kernel);
  running().machine->scheduler().exit_current(false);
}

NotifierHead module_notifiers = nullptr;

KAPI(register_module_notifier, Real, int, (k::notifier_block * block)) {
  return add_notifier(&module_notifiers, block, false);
}
KAPI(unregister_module_notifier, Real, int, (k::notifier_block * block)) {
  return remove_notifier(&module_notifiers, block);
}

// symbol_get: an exported symbol by name, with a reference on its module. Only GPL symbols may be
// got so, and none of a module that is not live.
void* not_for_all(const char* name) {
  kernel_print(KERN_WARNING "failing symbol_get of non-GPLONLY symbol %s.\n", name);
  return nullptr;
}

KAPI(__symbol_get, Real, void*, (const char* name)) {
  Hold hold(registry());
  if (auto found = registry().find_export(name, hold)) {
    if (!found->symbol->gpl_only) return not_for_all(name);
    if (found->owner->state() == module::State::kComing || !get(*found->owner)) return nullptr;
    return reinterpret_cast<void*>(found->symbol->address);
  }
  auto exported = running().binding->target().find_export(name);
  if (!exported) return nullptr;
  if (!exported->gpl_only) return not_for_all(name);
  return running().binding->lookup(name).address.as<void>();
}
KAPI(__symbol_put, Partial("no BUG for a symbol that nobody exports"), void, (const char* name)) {
  Hold hold(registry());
  if (auto found = registry().find_export(name, hold)) put(*found->owner);
}
KAPI(symbol_put_addr, Partial("no BUG for an address that is no function's"), void,
     (void* address)) {
  Hold hold(registry());
  if (auto* module = registry().containing(reinterpret_cast<uint64_t>(address))) put(*module);
}

}  // namespace

bool module_try_get(const k::module* kernel) { return try_get(kernel); }
void module_drop(const k::module* kernel) { put(kernel); }

int notify_modules(module::Notification what, module::Module& module) {
  bool coming = what == module::Notification::kComing;
  if (coming) settle_static_keys(module);
  int called = 0;
  auto action = static_cast<unsigned long>(what);
  int error = notifier_errno(call_notifiers(&module_notifiers, action, module.kernel, -1, &called));
  // A veto: those that were told hear that it goes again.
  if (coming && error)
    call_notifiers(&module_notifiers, static_cast<unsigned long>(module::Notification::kGoing),
                   module.kernel, called - 1);
  return coming ? -error : 0;
}

void forget_module_notifiers() { module_notifiers = nullptr; }

}  // namespace ring3::kernel
