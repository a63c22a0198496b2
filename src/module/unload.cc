// SPDX-License-Identifier: GPL-2.0-only
// delete_module and free_module.
#include "module/loading.h"
#include "module/params.h"

namespace ring3::module {

Result<void> Loader::unload(std::string_view name, bool force) {
  Registry::Removal removal{.force = force};
  Module* module = TRY(registry_.begin_removal(name, removal));
  if (removal.forced) taint(kTaintForcedRmmod);
  if (auto exit = module_exit(module->kernel); exit && options_.call_init) exit();
  step("exit");
  notify(Notification::kGoing, *module);
  discard(module);
  return {};
}

// The module's files go first: whoever reads one is inside of it.
void Loader::discard(Module* module) {
  if (module->folder) services_.files->remove(module->folder);
  if (module->kernel) {
    registry_.set_state(*module, State::kUnformed);
    if (module->tables_checked)
      free_params(module->image->section("__param"), sizeof_kernel_param());
  }
  registry_.remove(module);
  step("freed");
}

}  // namespace ring3::module
