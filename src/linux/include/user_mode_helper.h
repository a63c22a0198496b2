// SPDX-License-Identifier: GPL-2.0-only
// Programs that the kernel starts: modprobe for request_module(), and whatever a module asks for.
// The machine cannot start any; who made it can (KernelOptions::user_mode_helper).
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace ring3::kernel {

struct UserProgram {
  std::string path;
  std::vector<std::string> arguments;    // argv, the program's name first
  std::vector<std::string> environment;  // "NAME=value", and nothing else
};
enum class HelperWait : uint8_t { kExec, kExit };

// Called in a task, which it may put to sleep. A negative errno: the program could not be started;
// otherwise 0 (kExec), or how the program ended as wait(2) says it (kExit).
using UserModeHelper = std::function<int(const UserProgram&, HelperWait)>;

}  // namespace ring3::kernel
