// SPDX-License-Identifier: GPL-2.0-only
// do_init_module and do_one_initcall: module_init runs, what it leaves behind is checked, and init
// memory is given back.
#include <fmt/format.h>

#include <algorithm>

#include "kapi/gs_area.h"
#include "module/loading.h"

namespace ring3::module {

Result<void> Loader::run_init(Module& module) {
  int result = call_init(module);
  step("init");
  if (result < 0) return Error{-result, ""};
  if (result > 0) {
    log(4, fmt::format("do_init_module: '{}'->init suspiciously returned {}, it should follow "
                       "0/-E convention\ndo_init_module: loading module anyway...",
                       module.name, result));
    if (services_.dump_stack) services_.dump_stack();
  }
  module.image->seal_after_init();
  registry_.set_state(module, State::kLive);
  notify(Notification::kLive, module);
  registry_.leave_init(module);
  module.image->free_init();
  module_init(module.kernel) = nullptr;
  module.references--;
  return {};
}

// Runs module_init and checks, as do_one_initcall does, that it left the CPU as it found it.
int Loader::call_init(Module& module) {
  auto init = module_init(module.kernel);
  if (!init || !options_.call_init) return 0;
  if (const auto& list = options_.initcall_blacklist; !list.empty()) {
    std::string name = symbolise(reinterpret_cast<uint64_t>(init), false);
    name.resize(name.find(' ') == name.npos ? name.size() : name.find(' '));
    if (std::find(list.begin(), list.end(), name) != list.end()) {
      log(7, fmt::format("initcall {} blacklisted", name));
      return -EPERM;
    }
  }
  auto before = machine::Cpu::current()->preempt_count() & ~machine::kNoReschedule;
  int result = init();
  std::string imbalance;
  auto& count = machine::Cpu::current()->preempt_count();
  if ((count & ~machine::kNoReschedule) != before) {
    imbalance += "preemption imbalance ";
    count = before | machine::kNoReschedule;
  }
  if (!kapi::gs_interrupts_on()) {
    imbalance += "disabled interrupts ";
    kapi::set_gs_interrupts_on(1);
  }
  if (!imbalance.empty() && services_.warn)
    services_.warn("do_one_initcall",
                   fmt::format("initcall {} returned with {}\n",
                               symbolise(reinterpret_cast<uint64_t>(init)), imbalance));
  return result;
}

}  // namespace ring3::module
