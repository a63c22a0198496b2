// SPDX-License-Identifier: GPL-2.0-only
// __mcount_loc: one address (u64, relocated) per function, of its `call __fentry__` (gcc
// -mrecord-mcount; kernel/trace/ftrace.c ftrace_process_locs). Linux makes each a five-byte nop
// until somebody traces, and so do we, unless the calls shall stay.
//
// __patchable_function_entries: one address per function, of the padding before it
// (-fpatchable-function-entry=16,16, for call depth tracking). It is nops already: nothing to do
// but to check.
#include "link/x86_64/instruction.h"
#include "link/x86_64/patcher.h"

namespace ring3::link::x86_64 {

Result<void> Patcher::fentry_sites() {
  Table padding = TRY(table("__patchable_function_entries", 8));
  for (size_t i = 0; i < padding.count(); i++)
    TRY(text(padding, i, load<uint64_t>(padding.bytes.data() + i * 8), 1));

  Table sites = TRY(table("__mcount_loc", 8));
  for (size_t i = 0; i < sites.count(); i++) {
    uint64_t address = load<uint64_t>(sites.bytes.data() + i * 8);
    std::span<uint8_t> site = TRY(text(sites, i, address, 5));
    if (options_.keep_fentry || !options_.fentry || is_nop(site.data(), 5)) continue;
    auto branch = read_branch(site, address);
    if (!branch || branch->kind != Branch::kCall || branch->length != 5 ||
        branch->target != options_.fentry.value) {
      leave(sites, i, address, "is no call __fentry__");
      continue;
    }
    write_nops(site.data(), 5);
  }
  return {};
}

}  // namespace ring3::link::x86_64
