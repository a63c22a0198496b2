// SPDX-License-Identifier: GPL-2.0-only
// What a fault in module code means, in Linux's order: an exception table entry continues
// elsewhere, a WARN is reported and continues, some privileged instructions are emulated,
// everything else is an oops: the task dies (of SIGKILL after a page fault, SIGSEGV after a trap,
// as its death_signal says), the machine lives.
#pragma once

#include <memory>

#include "debug/report.h"
#include "debug/source_lines.h"
#include "debug/stack_use.h"
#include "linux/init/main.h"

namespace ring3::debug {

class Traps {
 public:
  // Hangs itself into the kernel's machine; must outlive its tasks.
  explicit Traps(kernel::Kernel& kernel, SourceLines::OpenFile open_file = {});
  ~Traps();
  unsigned oopses() const { return reporter_.oopses(); }

 private:
  void handle(machine::Cpu& cpu, host::Registers& registers, const host::Fault& fault);
  bool fix_up(host::Registers& registers, const host::Fault& fault);
  bool bug_or_warn(host::Registers& registers);
  bool emulate(host::Registers& registers);
  void system_call(const host::Registers& registers, const host::Fault& fault);
  void page_fault(const host::Registers& registers, const host::Fault& fault);
  std::string general_protection_title(const host::Registers& registers) const;
  void die(machine::Cpu& cpu);
  module::Module* module_at(uint64_t ip) const;

  kernel::Kernel& kernel_;
  SourceLines lines_;
  Reporter reporter_;
  StackUse stack_use_;
};

}  // namespace ring3::debug
