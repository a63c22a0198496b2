// SPDX-License-Identifier: GPL-2.0-only
// The one running kernel, for the files of src/linux: its loader, its machine, and what src/debug
// hangs in for reports. Made by start_kernel (init/main.h).
#pragma once

#include <cstdint>
#include <functional>

#include "kapi/binding.h"
#include "linux/include/machine_end.h"
#include "linux/include/user_mode_helper.h"
#include "machine/machine.h"
#include "module/loader.h"

namespace ring3::kernel {

struct Running {
  kapi::Binding* binding = nullptr;
  machine::Machine* machine = nullptr;
  module::Loader* loader = nullptr;
  // Prints "CPU: 0 PID: ..." and "Call Trace:" for the running task, at a printk level.
  std::function<void(const char* level)> dump_stack;
  // The rest of a WARN in runtime code after its text, as if `function` of Linux had raised it.
  std::function<void(const char* file, int line, const char* function)> warn;
  // Runs programs for call_usermodehelper(). May be empty: there are none.
  UserModeHelper user_mode_helper;
  // panic(): the machine ends. Does not return to the caller.
  std::function<void(const char* reason)> panic;
  // The machine is switched off, halted or restarted: likewise.
  std::function<void(MachineEnd how)> end;
};
Running& running();

// The comm and pid of the running task, for reports.
const char* current_comm();
int current_pid();

}  // namespace ring3::kernel
