// SPDX-License-Identifier: GPL-2.0-only
#include "module/files.h"

#include <fmt/format.h>

#include "base/text.h"

namespace ring3::module {
namespace {

constexpr size_t kPage = 4096;
constexpr unsigned kReadable = 0444, kWritable = 0222;

struct StateNames {
  const char *sysfs, *proc;
};
// By State: live, coming, going, unformed.
constexpr StateNames kStates[] = {
    {"live", "Live"}, {"coming", "Loading"}, {"going", "Unloading"}, {"unformed", "Unformed"}};

const StateNames& names(const Module& module) {
  return kStates[static_cast<unsigned>(module.state())];
}

}  // namespace

// CONTRACT 5.3: "NAME SIZE REFCNT DEPS STATE 0xADDR[ (TAINTS)]", newest first.
std::string ModuleFiles::proc_modules() const {
  std::string text;
  for (Module* module : loader_.registry().modules()) {
    if (!module->kernel || module->state() == State::kUnformed) continue;
    std::string users;
    for (Module* user : module->used_by) users += user->name + ",";
    if (module->has_init && !module_exit(module->kernel)) users += "[permanent],";
    std::string letters = module_taint_letters(module->taints);
    if (module->state() == State::kComing) letters += '+';
    if (module->state() == State::kGoing) letters += '-';
    text += fmt::format(
        "{} {} {} {} {} 0x{:016x}{}\n", module->name, module->core_size() + module->init_size(),
        module->references.load(), users.empty() ? "-" : users, names(*module).proc,
        module->image->regions[0].base.value, letters.empty() ? "" : " (" + letters + ")");
  }
  return text;
}

Result<std::string> ModuleFiles::attribute(const Module& module, std::string_view name) const {
  if (name == "initstate") return std::string(names(module).sysfs) + "\n";
  if (name == "refcnt") return fmt::format("{}\n", module.references.load());
  if (name == "coresize") return fmt::format("{}\n", module.core_size());
  if (name == "initsize") return fmt::format("{}\n", module.init_size());
  if (name == "taint") return module_taint_letters(module.taints) + "\n";
  if (name == "version" && !module.version.empty()) return module.version + "\n";
  if (name == "srcversion" && !module.srcversion.empty()) return module.srcversion + "\n";
  return Error{ENOENT, ""};
}

const k::kernel_param* ModuleFiles::parameter(const Module& module, std::string_view name) const {
  auto params = module.image->section("__param");
  for (uint64_t at = 0; at + sizeof_kernel_param() <= params.size(); at += sizeof_kernel_param()) {
    auto* param = reinterpret_cast<const k::kernel_param*>(params.data() + at);
    if (name == kernel_param_name(param) && kernel_param_perm(param)) return param;
  }
  return nullptr;
}

Result<std::string> ModuleFiles::read(std::string_view path) const {
  if (path == "/proc/modules") return proc_modules();
  constexpr std::string_view kSys = "/sys/module/", kParameters = "parameters/";
  if (!path.starts_with(kSys)) return Error{ENOENT, ""};
  path.remove_prefix(kSys.size());
  std::string_view name = take_field(path, '/');
  Module* module = loader_.registry().find(name);
  if (!module || !module->kernel) return Error{ENOENT, ""};
  if (!path.starts_with(kParameters)) return attribute(*module, path);
  const k::kernel_param* param = parameter(*module, path.substr(kParameters.size()));
  if (!param) return Error{ENOENT, ""};
  auto get = kernel_param_ops_get(kernel_param_ops(param));
  if (!get || !(kernel_param_perm(param) & kReadable)) return Error{EACCES, ""};
  std::string buffer(kPage, 0);
  int length = get(buffer.data(), param);
  if (length < 0) return Error{-length, ""};
  buffer.resize(static_cast<size_t>(length));
  return buffer;
}

Result<void> ModuleFiles::write(std::string_view path, const std::string& text) const {
  constexpr std::string_view kSys = "/sys/module/", kParameters = "parameters/";
  if (!path.starts_with(kSys)) return Error{ENOENT, ""};
  path.remove_prefix(kSys.size());
  Module* module = loader_.registry().find(take_field(path, '/'));
  if (!module || !module->kernel || !path.starts_with(kParameters)) return Error{ENOENT, ""};
  const k::kernel_param* param = parameter(*module, path.substr(kParameters.size()));
  if (!param) return Error{ENOENT, ""};
  auto set = kernel_param_ops_set(kernel_param_ops(param));
  if (!set || !(kernel_param_perm(param) & kWritable)) return Error{EACCES, ""};
  std::string value = text;
  int result = set(value.c_str(), param);
  if (result) return Error{-result, ""};
  return {};
}

}  // namespace ring3::module
