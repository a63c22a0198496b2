// SPDX-License-Identifier: GPL-2.0-only
// What a module taints the kernel with by what it is (kernel/module/main.c check_modinfo and
// check_module_license_and_versions until v6.4, module_augment_kernel_taints since). Most of it is
// told once since boot, which Linux knows from the kernel's own taints.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "module/loading.h"

namespace ring3::module {
namespace {

constexpr std::array<std::string_view, 6> kGplCompatible = {
    "GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"};

// Names that make proprietary, whatever the licence says. The first one is under the GPL itself but
// loads what is not: only the kernel is tainted.
struct Known {
  std::string_view name;
  bool module;
};
constexpr Known kKnown[] = {{"ndiswrapper", false}, {"driverloader", true}, {"lve", true}};

}  // namespace

void Loader::taint(Module& module, Taint which) {
  module.taints |= bit(which);
  taint(which);
}

void Loader::taint(Taint which) {
  if (ends_lock_debugging(which) && first(kToldLockDebugging))
    log(4, "Disabling lock debugging due to kernel taint");
  registry_.add_taint(which);
}

void Loader::taint(Module& module, Taint which, const std::string& line) {
  if (!(registry_.taints() & bit(which))) log(4, fmt::format("{}: {}", module.name, line));
  taint(module, which);
}

void Loader::force_load(Module& module, const char* reason) {
  taint(module, kTaintForcedModule, fmt::format("{}: kernel tainted.", reason));
}

void Loader::taint_by_modinfo(Loading& loading) {
  const elf::View& view = *loading.view;
  Module& module = *loading.module;
  if (!view.modinfo("intree"))
    taint(module, kTaintOutOfTree, "loading out-of-tree module taints kernel.");
  if (!view.modinfo("retpoline")) {
    log(3, "Spectre V2 : System may be vulnerable to spectre v2");
    log(4, fmt::format("{}: loading module not compiled with retpoline compiler.", module.name));
  }
  if (view.modinfo("staging")) {
    log(4, fmt::format("{}: module is from the staging directory, the quality is unknown, you have "
                       "been warned.",
                       module.name));
    taint(module, kTaintCrap);
  }
  if (view.modinfo("livepatch")) {
    taint(module, kTaintLivepatch);
    if (first(kToldLivepatch))
      log(5, fmt::format("{}: tainting kernel with TAINT_LIVEPATCH", module.name));
  }
  if (std::find(kGplCompatible.begin(), kGplCompatible.end(), module.license) ==
      kGplCompatible.end())
    taint(module, kTaintProprietary,
          fmt::format("module license '{}' taints kernel.", module.license));
  if (view.modinfo("test")) taint(module, kTaintTest, "loading test module taints kernel.");
}

// CONTRACT step 10.
void Loader::taint_unsigned(Module& module) {
  if (first(kToldUnsigned))
    log(5, fmt::format("{}: module verification failed: signature and/or required key missing - "
                       "tainting kernel",
                       module.name));
  taint(module, kTaintUnsigned);
}

void Loader::taint_by_name(Module& module) {
  for (const Known& known : kKnown) {
    if (known.name != module.name) continue;
    if (known.module) module.taints |= bit(kTaintProprietary);
    taint(kTaintProprietary);
  }
}

// Told where the kernel became proprietary since `before`.
void Loader::tell_of_licence(const Module& module, uint64_t before) {
  if (!(before & bit(kTaintProprietary)) && registry_.taints() & bit(kTaintProprietary))
    log(4, fmt::format("{}: module license taints kernel.", module.name));
}

}  // namespace ring3::module
