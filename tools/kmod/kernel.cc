// SPDX-License-Identifier: GPL-2.0-only
#include "kernel.h"

#include <stdlib.h>

#include <string>
#include <string_view>

#include "host/file.h"
#include "host/process.h"
#include "index/host_kernel.h"
#include "messages.h"
#include "service/machine_kernel.h"

namespace ring3::kmod {
namespace {

constexpr const char* kVariable = "RING3_MACHINE";

struct Choice {
  bool by_ring3 = false, host = false;
  std::string machine;
} choice;

bool is_host() {
  if (choice.host) return true;
  if (!choice.machine.empty() || !host::environment(kVariable).empty()) return false;
  return !choice.by_ring3 && host::user_id() == 0;
}

}  // namespace

void called_by_ring3() { choice.by_ring3 = true; }

int take_kernel_options(int argc, char** argv) {
  constexpr std::string_view kMachine = "--machine", kMachineIs = "--machine=";
  int kept = 0, at = 0;
  for (; at < argc && std::string_view(argv[at]) != "--"; at++) {
    std::string_view word = argv[at];
    if (at > 0 && word == "--host") {
      choice.host = true;
      choice.machine.clear();
    } else if (at > 0 && (word == kMachine || word.starts_with(kMachineIs))) {
      if (word == kMachine && ++at == argc) word = kMachineIs;
      choice.machine = word == kMachine ? argv[at] : word.substr(kMachineIs.size());
      choice.host = false;
      if (choice.machine.empty()) {
        messages().error("--machine needs the name of a machine; `ring3 ps` lists those that run");
        return -1;
      }
    } else {
      argv[kept++] = argv[at];
    }
  }
  for (; at < argc; at++) argv[kept++] = argv[at];
  argv[kept] = nullptr;
  return kept;
}

std::unique_ptr<index::KernelInterface> open_kernel() {
  if (is_host()) {
    ::unsetenv(kVariable);
    return std::make_unique<index::HostKernel>();
  }
  auto machine = service::open_machine(choice.machine, messages().tool());
  if (!machine) {
    messages().error(machine.error().text);
    ::exit(1);
  }
  // For the commands of install and remove lines, which call these tools again.
  ::setenv(kVariable, (*machine)->client().place().name.c_str(), 1);
  return machine.take();
}

}  // namespace ring3::kmod
