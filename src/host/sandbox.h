// SPDX-License-Identifier: GPL-2.0-only
// What this process gives up for good. Module code is kernel code and has no system calls: one that
// it makes by itself is stopped with a SIGSYS at the instruction, wherever it leads. The runtime
// around it keeps the calls that it needs and loses the others, so that a module which jumps into
// libc, or overwrites our memory, finds little there: those answer EPERM.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace ring3::host {

// System calls of code in [begin, end), and any in the ways of other architectures (int 0x80,
// sysenter), from wherever: SIGSYS. For the calling thread and those that it makes from now on.
// Also sets no_new_privs: programs that are started gain no rights by being set-uid. They inherit
// the filter: 32-bit programs, and any that lies in [begin, end), do not run. So a process that
// starts programs itself (ring3 run, ring3 script) has it only when asked; that of ring3 boot has a
// broker outside for them.
Result<void> forbid_system_calls_of(uint64_t begin, uint64_t end);

// No file can be opened, made, changed or run by its path, no TCP port used, and where the host's
// Landlock knows how, no abstract socket reached and no process outside signalled. For the calling
// thread and those that it makes. The version of Landlock; 0: the host has none.
int give_up_files();

// The system calls that a running machine needs stay, the others answer EPERM. For all threads of
// the process. Builds with sanitizers keep all of them, for their reports.
Result<void> keep_only_needed_system_calls();

// "openat"; "system call 999" for a number that the host's library does not know.
std::string system_call_name(int number);

}  // namespace ring3::host
