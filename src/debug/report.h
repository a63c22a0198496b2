// SPDX-License-Identifier: GPL-2.0-only
// Reports in Linux's format: oops, WARN, BUG, dump_stack (arch/x86/kernel/dumpstack.c, traps.c,
// mm/fault.c, kernel/panic.c give order and words). What a user-space kernel knows better comes
// after a frame as " at file.c:12".
#pragma once

#include <string>

#include "debug/backtrace.h"
#include "host/signals.h"
#include "module/loader.h"

namespace ring3::debug {

class SourceLines;

class Reporter {
 public:
  Reporter(module::Loader& loader, std::string release, std::string version, SourceLines* lines);

  // "CPU: 0 PID: 7 Comm: insmod ...", "Hardware name: ...", "Call Trace:".
  void dump_stack(int level);
  void warn(const host::Registers& registers, const char* file, unsigned line, bool cut_here);
  // The same where the runtime takes the place of Linux's `function`, after the warning's text. Its
  // registers would be those of our code, so there are none.
  void warn_in_runtime(const char* file, int line, const char* function);
  // Everything of an oops between its first line and the end marker. `title` is "Oops: 0002",
  // "divide error: 0000", ...
  void oops(const host::Registers& registers, const std::string& title, uint64_t fault_address);

  ModuleFrames module_frames(const host::Registers* registers, uint64_t base) const;
  // `text`, who runs, and how it got there.
  void deep_stack(const host::Registers* registers, const std::string& text);

  unsigned oopses() const { return oopses_; }
  void log(int level, const std::string& line) { loader_.services().log(level, line); }
  std::string symbol(uint64_t address, bool return_address = false) const;
  std::string source(uint64_t address, bool return_address) const;

 private:
  std::string cpu_line() const;
  std::string freed_init_note(uint64_t address) const;
  std::string modules_line() const;
  void call_trace(int level, const host::Registers* registers);
  void warn_heading(const std::string& place, const std::string& where);
  void register_lines(int level, const host::Registers& registers, uint64_t fault_address);
  std::string code_line(const host::Registers& registers) const;

  module::Loader& loader_;
  std::string release_, version_;
  bool newer_;  // module/dialect.h
  SourceLines* lines_;
  unsigned oopses_ = 0;
};

}  // namespace ring3::debug
