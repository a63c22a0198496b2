// SPDX-License-Identifier: GPL-2.0-only
// rmmod: modules out of the kernel, by their names or by their files.
#include <fmt/format.h>

#include <cstring>

#include "host/file.h"
#include "index/loaded.h"
#include "index/lookup.h"
#include "index/module_names.h"
#include "index/names.h"
#include "kmod/kernel.h"
#include "kmod/messages.h"
#include "kmod/tools.h"

namespace ring3::kmod {
namespace {

const Option kOptions[] = {
    {'f', "force", nullptr, "even if it is in use; may crash the kernel"},
    {'s', "syslog", nullptr, "messages go to the system's log"},
    {'v', "verbose", nullptr, "print what is done"},
    {'w', nullptr, nullptr, nullptr},
    {'V', "version", nullptr, ""},
    {'h', "help", nullptr, "print this"},
};

bool builtin(index::KernelInterface& kernel, const std::string& name) {
  IgnoreDiagnostics ignore;
  index::Config none;
  index::Lookup lookup("/lib/modules/" + kernel.release(), none, ignore);
  return lookup.builtin(name);
}

// Says why the module cannot go, where that is known before asking.
bool removable(index::KernelInterface& kernel, const std::string& name) {
  if (index::module_state(kernel, name) != index::ModuleState::kLive && builtin(kernel, name)) {
    messages().error(fmt::format("Module {} is builtin.", name));
    return false;
  }
  if (index::module_state(kernel, name) == index::ModuleState::kNone) {
    messages().error(fmt::format("Module {} is not currently loaded", name));
    return false;
  }
  std::vector<std::string> users = index::holders(kernel, name);
  if (!users.empty()) {
    messages().error(fmt::format("Module {} is in use by: {}", name, fmt::join(users, " ")));
    return false;
  }
  auto references = index::reference_count(kernel, name);
  if (!references) {
    messages().error("Module unloading is not supported");
    return false;
  }
  if (*references > 0) messages().error(fmt::format("Module {} is in use", name));
  return *references <= 0;
}

bool remove(index::KernelInterface& kernel, const std::string& word, bool force) {
  std::string name =
      host::stat_file(word).exists ? index::module_name_of(word) : index::normal_name(word);
  if (!force && !removable(kernel, name)) return false;
  if (messages().verbose()) fmt::print("rmmod {}\n", name);
  kernel.mark_log();
  auto done =
      kernel.delete_module(name, index::kDeleteNonblock | (force ? index::kDeleteForce : 0u));
  if (done) return true;
  const char* why = std::strerror(done.error().code);
  messages().error(fmt::format("could not remove '{}': {}", name, why));
  messages().error(fmt::format("could not remove module {}: {}", word, why));
  if (!done.error().text.empty()) messages().cause(done.error().text);
  return false;
}

int run(int argc, char** argv) {
  bool force = false, stop = false;
  int first = parse_options(kRmmod, argc, argv, [&](int id, const char*) {
    if (id == 'f') force = true;
    if (id == 's') messages().use_syslog();
    if (id == 'v') messages().more_verbose();
    stop = id == 'V' || id == 'h';
    if (id == 'V') print_version();
    if (id == 'h') print_help(kRmmod);
    return !stop;
  });
  if (first < 0) return stop ? 0 : 1;
  if (first >= argc) {
    messages().error("missing module name.");
    return 1;
  }
  auto kernel = open_kernel();
  bool good = true;
  for (int i = first; i < argc; i++) good = remove(*kernel, argv[i], force) && good;
  return good ? 0 : 1;
}

}  // namespace

const Tool kRmmod{
    "rmmod",
    "remove modules from the kernel",
    {"[OPTION...] MODULE..."},
    kOptions,
    "A MODULE is a name, or a file whose name is the module's. A module that others use, or that "
    "programs hold, stays; who uses it is printed. modprobe -r also removes what the module "
    "alone needed.\n\n"
    "The exit status is 0, or 1 when a module was not removed.",
    Operands::kLoaded,
    run};

}  // namespace ring3::kmod
