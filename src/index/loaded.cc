// SPDX-License-Identifier: GPL-2.0-only
#include "index/loaded.h"

#include "base/text.h"

namespace ring3::index {
namespace {

std::string folder_of(const std::string& name) { return "/sys/module/" + name; }

// Such a name is no module's, and must not lead elsewhere.
bool impossible(const std::string& name) {
  return name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos;
}

}  // namespace

ModuleState module_state(KernelInterface& kernel, const std::string& name) {
  if (impossible(name)) return ModuleState::kNone;
  auto text = kernel.read_file(folder_of(name) + "/initstate");
  if (!text) return kernel.exists(folder_of(name)) ? ModuleState::kComing : ModuleState::kNone;
  if (*text == "live\n") return ModuleState::kLive;
  if (*text == "coming\n") return ModuleState::kComing;
  return *text == "going\n" ? ModuleState::kGoing : ModuleState::kNone;
}

std::optional<long> reference_count(KernelInterface& kernel, const std::string& name) {
  if (impossible(name)) return std::nullopt;
  auto text = kernel.read_file(folder_of(name) + "/refcnt");
  if (!text) return std::nullopt;
  std::string_view digits = std::string_view(*text).substr(0, text->find('\n'));
  bool negative = digits.starts_with('-');
  auto number = parse_number(negative ? digits.substr(1) : digits);
  if (!number) return std::nullopt;
  return negative ? -static_cast<long>(*number) : static_cast<long>(*number);
}

std::vector<std::string> holders(KernelInterface& kernel, const std::string& name) {
  if (impossible(name)) return {};
  auto names = kernel.list_folder(folder_of(name) + "/holders");
  return names ? names.take() : std::vector<std::string>();
}

std::vector<LoadedModule> parse_loaded(std::string_view text) {
  std::vector<LoadedModule> modules;
  for_each_line(text, [&](std::string_view line) {
    LoadedModule module;
    module.name = take_field(line, ' ');
    module.size = take_field(line, ' ');
    module.references = take_field(line, ' ');
    std::string_view users = take_field(line, ' ');
    module.state = take_field(line, ' ');
    take_field(line, ' ');  // the address
    module.taints = line;
    if (module.name.empty()) return;
    while (!users.empty()) {
      std::string_view user = take_field(users, ',');
      if (!user.empty() && user != "-" && user != "[permanent]") module.used_by.push_back(user);
    }
    modules.push_back(std::move(module));
  });
  return modules;
}

}  // namespace ring3::index
