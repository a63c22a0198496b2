// SPDX-License-Identifier: GPL-2.0-only
#include "debug/report.h"

#include <fmt/format.h>

#include <cstring>

#include "debug/source_lines.h"
#include "link/module_space.h"
#include "linux/include/kernel.h"
#include "machine/cpu.h"
#include "module/dialect.h"
#include "module/symbols.h"

namespace ring3::debug {
namespace {

constexpr const char* kHardware = "Hardware name: Ring 3 user-space kernel";
constexpr int kWarning = 4;
constexpr int kDefault = 4;  // the level of a printk without one
constexpr const char* kEndTrace = "---[ end trace 0000000000000000 ]---";

}  // namespace

Reporter::Reporter(module::Loader& loader, std::string release, std::string version,
                   SourceLines* lines)
    : loader_(loader),
      release_(std::move(release)),
      version_(std::move(version)),
      newer_(module::speaks_as_6_12(loader.services().binding->target())),
      lines_(lines) {}

std::string Reporter::symbol(uint64_t address, bool return_address) const {
  return loader_.symbolise(address, true, return_address);
}

std::string Reporter::cpu_line() const {
  // Whoever started the machine is its root.
  return fmt::format("CPU: {}{} PID: {} Comm: {} {} {} {}", machine::Cpu::current()->number(),
                     newer_ ? " UID: 0" : "", kernel::current_pid(), kernel::current_comm(),
                     module::tainted_text(loader_.registry().taints()), release_, version_);
}

// "Modules linked in: a(OE) b(OE+)": newest first, '+' while loading, '-' while unloading.
std::string Reporter::modules_line() const {
  std::string line = "Modules linked in:";
  for (module::Module* module : loader_.registry().walk()) {
    if (!module->kernel || module->state() == module::State::kUnformed) continue;
    std::string letters = module::module_taint_letters(module->taints);
    if (module->state() == module::State::kComing) letters += '+';
    if (module->state() == module::State::kGoing) letters += '-';
    line += fmt::format(" {}{}", module->name, letters.empty() ? "" : "(" + letters + ")");
  }
  return line;
}

// What Linux leaves to the reader: " at file.c:12" behind a place in a module that was built with
// -g.
std::string Reporter::source(uint64_t address, bool return_address) const {
  if (return_address) address--;
  module::Module* module = loader_.registry().containing(address);
  std::string where = module && lines_ ? lines_->find(*module, address) : "";
  return where.empty() ? where : " at " + where;
}

void Reporter::call_trace(int level, const host::Registers* registers) {
  log(level, "Call Trace:");
  log(level, " <TASK>");
  // From where no code is known, the way back is a guess, as Linux marks it; a call through a null
  // pointer is known for what it is.
  bool guess = registers && registers->ip && symbol(registers->ip).starts_with("0x");
  const char* mark = guess ? " ? " : " ";
  for (const TraceEntry& entry : Backtrace(loader_.registry()).of_current(registers)) {
    // The faulting instruction itself is the RIP line's.
    if (registers && entry.exact && !entry.function && entry.address == registers->ip) continue;
    if (entry.function)
      log(level, mark + symbol(loader_.services().binding->address(entry.function->name).value));
    else
      log(level, mark + symbol(entry.address, !entry.exact) + source(entry.address, !entry.exact));
  }
  log(level, " </TASK>");
}

// Which module's init memory was where nothing is any more.
std::string Reporter::freed_init_note(uint64_t address) const {
  for (module::Module* module : loader_.registry().walk()) {
    if (!module->image->init_freed) continue;
    uint64_t rest = module->image->memory().value;
    if (address >= module->mapped_at && address < rest)
      return fmt::format(" (init memory of {}, given back)", module->name);
  }
  return "";
}

// 42 bytes before the instruction and 21 from it on, the first of which is marked.
std::string Reporter::code_line(const host::Registers& registers) const {
  constexpr int kBefore = 42, kAll = 64;
  std::string line = "Code:";
  module::Module* module = loader_.registry().containing(registers.ip);
  if (!module)
    return fmt::format("Code: Unable to access opcode bytes at {:#x}.", registers.ip - kBefore);
  for (int i = 0; i < kAll; i++) {
    uint64_t address = registers.ip - kBefore + static_cast<uint64_t>(i);
    if (loader_.registry().containing(address) != module) continue;
    unsigned byte = *reinterpret_cast<const uint8_t*>(address);
    line += i == kBefore ? fmt::format(" <{:02x}>", byte) : fmt::format(" {:02x}", byte);
  }
  return line;
}

void Reporter::register_lines(int level, const host::Registers& r, uint64_t fault_address) {
  log(level,
      fmt::format("RIP: 0010:{}{}{}", symbol(r.ip), source(r.ip, false), freed_init_note(r.ip)));
  log(level, code_line(r));
  log(level, fmt::format("RSP: 0018:{:016x} EFLAGS: {:08x}", r.sp, r.flags));
  log(level, fmt::format("RAX: {:016x} RBX: {:016x} RCX: {:016x}", r.ax, r.bx, r.cx));
  log(level, fmt::format("RDX: {:016x} RSI: {:016x} RDI: {:016x}", r.dx, r.si, r.di));
  log(level, fmt::format("RBP: {:016x} R08: {:016x} R09: {:016x}", r.bp, r.r8, r.r9));
  log(level, fmt::format("R10: {:016x} R11: {:016x} R12: {:016x}", r.r10, r.r11, r.r12));
  log(level, fmt::format("R13: {:016x} R14: {:016x} R15: {:016x}", r.r13, r.r14, r.r15));
  log(level, fmt::format("FS:  {:016x}(0000) GS:{:016x}(0000) knlGS:{:016x}", 0,
                         machine::Cpu::current()->area(), 0));
  log(level, fmt::format("CS:  0010 DS: 0000 ES: 0000 CR0: {:016x}", 0x80050033));
  log(level, fmt::format("CR2: {:016x} CR3: {:016x} CR4: {:016x}", fault_address, 0, 0));
}

void Reporter::dump_stack(int level) {
  log(level, cpu_line());
  log(level, kHardware);
  call_trace(level, nullptr);
}

void Reporter::warn_heading(const std::string& place, const std::string& where) {
  log(kWarning, fmt::format("WARNING: CPU: {} PID: {} at{} {}", machine::Cpu::current()->number(),
                            kernel::current_pid(), place.empty() ? "" : " " + place, where));
  log(kWarning, modules_line());
  log(kWarning, cpu_line());
  log(kWarning, kHardware);
}

void Reporter::warn(const host::Registers& registers, const char* file, unsigned line,
                    bool cut_here) {
  if (cut_here) log(kWarning, "------------[ cut here ]------------");
  warn_heading(file ? fmt::format("{}:{}", file, line) : "", symbol(registers.ip));
  register_lines(kWarning, registers, 0);
  call_trace(kWarning, &registers);
  log(kWarning, kEndTrace);
  loader_.registry().add_taint(module::kTaintWarn);
}

void Reporter::warn_in_runtime(const char* file, int line, const char* function) {
  // Functions that are not exported have no address here.
  KernelAddress address = loader_.services().binding->address(function);
  std::string where = address ? symbol(address.value) : fmt::format("{}+0x0/0x0", function);
  warn_heading(fmt::format("{}:{}", file, line), where);
  log(kWarning, "RIP: 0010:" + where);
  call_trace(kWarning, nullptr);
  log(kWarning, kEndTrace);
  loader_.registry().add_taint(module::kTaintWarn);
}

ModuleFrames Reporter::module_frames(const host::Registers* registers, uint64_t base) const {
  return Backtrace(loader_.registry()).module_frames(registers, base);
}

void Reporter::deep_stack(const host::Registers* registers, const std::string& text) {
  constexpr int kEmergency = 0;
  log(kEmergency, text);
  log(kEmergency, cpu_line());
  call_trace(kEmergency, registers);
}

void Reporter::oops(const host::Registers& registers, const std::string& title,
                    uint64_t fault_address) {
  oopses_++;
  log(kDefault,
      fmt::format("{}{} [#{}] PREEMPT SMP NOPTI", newer_ ? "Oops: " : "", title, oopses_));
  log(kDefault, cpu_line());
  log(kDefault, kHardware);
  register_lines(kDefault, registers, fault_address);
  call_trace(kDefault, &registers);
  log(kDefault, modules_line());
  if (fault_address) log(kDefault, fmt::format("CR2: {:016x}", fault_address));
  log(kDefault, kEndTrace);
  loader_.registry().add_taint(module::kTaintDie);
}

}  // namespace ring3::debug
