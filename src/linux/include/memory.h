// SPDX-License-Identifier: GPL-2.0-only
// Booting the memory with Linux's face on: what the engines need to know of the target (the size of
// struct page, page flags), and the hooks by which struct page follows the allocator. The order of
// a boot: kapi::Binding::create (fields are bound), machine::create_memory(memory_options(...)),
// Binding::initialise_data (page_offset_base and its family get their values), for each CPU the
// per-CPU variables.
#pragma once

#include "kapi/binding.h"
#include "machine/memory/memory.h"

namespace ring3::kernel {

// Options for the bound target; the caller may change sizes, `guarded` and `report` afterwards.
// Wrong frees go to the kernel log as Linux's words would.
machine::MemoryOptions memory_options(const kapi::Binding& binding, unsigned cpus);

// What a BUG() in runtime code does after its lines are in the log: by default an invalid opcode,
// which the machine's trap hook turns into an oops of the task.
using BugHandler = void (*)();
void set_bug_handler(BugHandler handler);
void memory_bug();

}  // namespace ring3::kernel
