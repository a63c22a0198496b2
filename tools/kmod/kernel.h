// SPDX-License-Identifier: GPL-2.0-only
// Which kernel the tools work on. The only place that decides it:
//
//   --host            the running one, by its system calls
//   --machine NAME    the Ring 3 machine of this name, started when there is none
//   RING3_MACHINE     the same, when neither was said
//   plain name, root  the running one: a system can have these tools instead of kmod, and a machine
//                     that somebody left behind does not catch what was meant for the system
//   else              the machine "default", started when there is none; so does `ring3 insmod`
//
// The two options are taken out of the arguments before a tool sees them: each tool has them, and
// no abbreviation of kmod's options becomes ambiguous by them.
#pragma once

#include <memory>

#include "index/kernel_interface.h"

namespace ring3::kmod {

// The tool was called as a word after ring3, not by its own name.
void called_by_ring3();
// Removes --host, --machine NAME and --machine=NAME in front of "--" from argv. The new argc, or -1
// when the name is missing.
int take_kernel_options(int argc, char** argv);

// Ends the program, after a message, when the machine cannot be reached.
std::unique_ptr<index::KernelInterface> open_kernel();

}  // namespace ring3::kmod
