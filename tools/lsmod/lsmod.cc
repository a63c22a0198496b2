// SPDX-License-Identifier: GPL-2.0-only
// lsmod: the loaded modules. /proc/modules alone has nearly everything; /sys/module is asked only
// for what differs from it: the order of several users, and the size of a module that is not live
// (whose init part still counts in /proc/modules).
#include <fmt/format.h>

#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "index/loaded.h"
#include "kmod/kernel.h"
#include "kmod/messages.h"
#include "kmod/tools.h"

namespace ring3::kmod {
namespace {

enum LongOption { kJson = 256 };

const Option kOptions[] = {
    {kJson, "json", nullptr, "print JSON"},
    {'s', "syslog", nullptr, "messages go to the system's log"},
    {'v', "verbose", nullptr, "more messages"},
    {'V', "version", nullptr, ""},
    {'h', "help", nullptr, "print this"},
};

std::vector<std::string> users(index::KernelInterface& kernel, const index::LoadedModule& module) {
  std::vector<std::string> names;
  if (module.used_by.size() > 1) names = index::holders(kernel, std::string(module.name));
  if (names.empty()) names.assign(module.used_by.begin(), module.used_by.end());
  return names;
}

std::string size(index::KernelInterface& kernel, const index::LoadedModule& module) {
  if (module.state != "Live") {
    auto text = kernel.read_file(fmt::format("/sys/module/{}/coresize", module.name));
    if (text) return text->substr(0, text->find('\n'));
  }
  return std::string(module.size);
}

// Where the kernel cannot unload, nothing is counted.
std::string_view references(const index::LoadedModule& module) {
  return module.references == "-" ? "-2" : module.references;
}

void print_table(index::KernelInterface& kernel, const std::vector<index::LoadedModule>& modules) {
  std::string text = "Module                  Size  Used by\n";
  for (const index::LoadedModule& module : modules) {
    fmt::format_to(std::back_inserter(text), "{:<19} {:>8}  {}", module.name, size(kernel, module),
                   references(module));
    const char* before = " ";
    for (const std::string& user : users(kernel, module)) {
      text += before;
      text += user;
      before = ",";
    }
    text += '\n';
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_json(index::KernelInterface& kernel, const std::vector<index::LoadedModule>& modules) {
  using nlohmann::ordered_json;
  ordered_json all = ordered_json::array();
  for (const index::LoadedModule& module : modules) {
    ordered_json entry{{"module", module.name},
                       {"size", parse_number(size(kernel, module)).value_or(0)}};
    auto count = parse_number(module.references);
    entry["references"] = count ? ordered_json(*count) : ordered_json(nullptr);
    entry["used_by"] = users(kernel, module);
    entry["state"] = module.state;
    std::string_view taints = module.taints;
    if (taints.starts_with('(')) taints = taints.substr(1, taints.find(')') - 1);
    entry["taints"] = taints;
    all.push_back(std::move(entry));
  }
  fmt::print("{}\n", all.dump(2, ' ', false, ordered_json::error_handler_t::replace));
}

int run(int argc, char** argv) {
  bool json = false, stop = false;
  int first = parse_options(kLsmod, argc, argv, [&](int id, const char*) {
    if (id == kJson) json = true;
    if (id == 's') messages().use_syslog();
    if (id == 'v') messages().more_verbose();
    stop = id == 'V' || id == 'h';
    if (id == 'V') print_version();
    if (id == 'h') print_help(kLsmod);
    return !stop;
  });
  if (first < 0) return stop ? 0 : 1;
  if (first < argc) {
    messages().error("too many arguments provided.");
    return 1;
  }
  auto kernel = open_kernel();
  auto text = kernel->read_file("/proc/modules");
  if (!text) {
    messages().error(
        fmt::format("could not open /proc/modules: {}", std::strerror(text.error().code)));
    messages().error(
        fmt::format("could not get list of modules: {}", std::strerror(text.error().code)));
    return 1;
  }
  std::vector<index::LoadedModule> modules = index::parse_loaded(*text);
  if (json)
    print_json(*kernel, modules);
  else
    print_table(*kernel, modules);
  return 0;
}

}  // namespace

const Tool kLsmod{
    "lsmod",
    "list the modules in the kernel",
    {"[OPTION...]"},
    kOptions,
    "One line for each module: its name, its size in bytes, how often it is used, and the modules "
    "that use it.",
    Operands::kNone,
    run};

}  // namespace ring3::kmod
