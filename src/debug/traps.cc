// SPDX-License-Identifier: GPL-2.0-only
#include "debug/traps.h"

#include <fmt/format.h>

#include <cstring>

#include "debug/instruction.h"
#include "host/sandbox.h"
#include "linux/include/kernel.h"
#include "machine/interrupts.h"
#include "machine/memory/memory.h"
#include "module/kmodule.h"

namespace ring3::debug {
namespace {

// "\0014": printk's prefix, as dump_stack_lvl gets it.
int level_of(const char* prefix) { return prefix[0] == '\001' ? prefix[1] - '0' : 4; }

// struct bug_entry flags (include/asm-generic/bug.h).
constexpr uint16_t kBugWarning = 1, kBugOnce = 2, kBugDone = 4, kBugNoCutHere = 8;

// Exception table types (arch/x86/include/asm/extable_fixup_types.h): type in bits 0-7, register in
// 8-11, flags in 12-15, immediate in 16-31.
enum FixupType : unsigned {
  kFixDefault = 1,
  kFixFault = 2,
  kFixUaccess = 3,
  kFixCopy = 4,
  kFixImmediate = 17,
  kFixCopyLength = 19,
};

}  // namespace

Traps::Traps(kernel::Kernel& kernel, SourceLines::OpenFile open_file)
    : kernel_(kernel),
      lines_(std::move(open_file)),
      reporter_(kernel.loader(), std::string(kernel.binding().target().release()),
                std::string(kernel.binding().target().banner()), &lines_),
      stack_use_(reporter_) {
  kernel.machine().hooks.trap = [this](machine::Cpu& cpu, host::Registers& registers,
                                       const host::Fault& fault) { handle(cpu, registers, fault); };
  kernel_.machine().hooks.stack_is_deep = [this](machine::Cpu&, const host::Registers* registers) {
    stack_use_.check(registers);
  };
  kernel::running().dump_stack = [this](const char* level) {
    reporter_.dump_stack(level_of(level));
  };
  kernel::running().warn = [this](const char* file, int line, const char* function) {
    reporter_.warn_in_runtime(file, line, function);
  };
}

Traps::~Traps() {
  kernel::running().dump_stack = nullptr;
  kernel::running().warn = nullptr;
  kernel_.machine().stop();
  kernel_.machine().hooks.trap = nullptr;
  kernel_.machine().hooks.stack_is_deep = nullptr;
}

module::Module* Traps::module_at(uint64_t ip) const {
  return kernel_.loader().registry().containing(ip);
}

void Traps::handle(machine::Cpu& cpu, host::Registers& registers, const host::Fault& fault) {
  if (fix_up(registers, fault)) return;
  if (fault.kind == host::Fault::kIllegal && bug_or_warn(registers)) return;
  if (fault.trap == 13 && emulate(registers)) return;
  constexpr int kKill = 9, kSegv = 11, kSys = 31;
  machine::Scheduler::current()->death_signal = fault.trap == 14                      ? kKill
                                                : fault.trap == host::kSystemCallTrap ? kSys
                                                                                      : kSegv;
  switch (fault.trap) {
    case host::kSystemCallTrap:
      system_call(registers, fault);
      break;
    case 0:
      reporter_.oops(registers, "divide error: 0000", 0);
      break;
    case 6:
      reporter_.oops(registers, "invalid opcode: 0000", 0);
      break;
    case 14:
      page_fault(registers, fault);
      break;
    case 3:
      reporter_.oops(registers, "int3: 0000", 0);
      break;
    case 13:
      reporter_.oops(registers, general_protection_title(registers), 0);
      break;
    default:
      reporter_.oops(registers, fmt::format("trap {}: 0000", fault.trap), 0);
  }
  die(cpu);
}

bool Traps::fix_up(host::Registers& registers, const host::Fault& fault) {
  module::Module* module = module_at(registers.ip);
  if (!module || !module->image) return false;
  auto table = module->image->section("__ex_table");
  const auto* entries = reinterpret_cast<const module::RelativeExtable*>(table.data());
  for (size_t i = 0; i < table.size() / sizeof(module::RelativeExtable); i++) {
    if (module::relative(entries[i].instruction) != registers.ip) continue;
    unsigned data = static_cast<unsigned>(entries[i].data);
    uint64_t& target = register_by_number(registers, data >> 8 & 0xf);
    auto immediate = static_cast<int64_t>(static_cast<int16_t>(data >> 16));
    switch (data & 0xff) {
      case kFixFault:
        registers.ax = fault.trap;
        break;
      case kFixImmediate:
        target = static_cast<uint64_t>(immediate);
        break;
      case kFixCopyLength:
        registers.cx = target + static_cast<uint64_t>(immediate) * registers.cx;
        break;
      case kFixDefault:
      case kFixUaccess:
      case kFixCopy:
        break;
      default:
        return false;
    }
    registers.ip = module::relative(entries[i].fixup);
    return true;
  }
  return false;
}

// ud2 that the bug table knows: WARN returns true and goes on behind the instruction.
bool Traps::bug_or_warn(host::Registers& registers) {
  module::Module* module = module_at(registers.ip);
  if (!module) return false;
  auto table = module->image->section("__bug_table");
  auto* entries = reinterpret_cast<module::RelativeBug*>(table.data());
  for (size_t i = 0; i < table.size() / sizeof(module::RelativeBug); i++) {
    module::RelativeBug& bug = entries[i];
    if (module::relative(bug.address) != registers.ip) continue;
    const char* file =
        bug.file ? reinterpret_cast<const char*>(module::relative(bug.file)) : nullptr;
    if (bug.flags & kBugWarning) {
      bool silent = (bug.flags & kBugOnce) && (bug.flags & kBugDone);
      if (bug.flags & kBugOnce) bug.flags |= kBugDone;
      if (!silent) reporter_.warn(registers, file, bug.line, !(bug.flags & kBugNoCutHere));
      registers.ip += 2;  // over the ud2
      return true;
    }
    reporter_.log(4, "------------[ cut here ]------------");
    reporter_.log(2, file ? fmt::format("kernel BUG at {}:{}!", file, bug.line)
                          : fmt::format("kernel BUG at {:#x} [verbose debug info unavailable]!",
                                        registers.ip));
    return false;
  }
  return false;
}

// Privileged instructions that mean something here. The rest is refused by name, as the oops they
// are.
bool Traps::emulate(host::Registers& registers) {
  module::Module* module = module_at(registers.ip);
  if (!module) return false;
  switch (*reinterpret_cast<const uint8_t*>(registers.ip)) {
    case 0xfa:  // cli
      machine::Cpu::current()->interrupts_after_trap = 0;
      break;
    case 0xfb:  // sti
      machine::Cpu::current()->interrupts_after_trap = 1;
      break;
    case 0xf4:  // hlt: the next interrupt ends it at once
      break;
    default:
      return false;
  }
  registers.ip++;
  return true;
}

// The processor does not say which address was bad; the instruction does.
std::string Traps::general_protection_title(const host::Registers& registers) const {
  module::Module* module = module_at(registers.ip);
  std::optional<uint64_t> address;
  if (module) address = memory_operand(reinterpret_cast<const uint8_t*>(registers.ip), registers);
  if (!address) return "general protection fault: 0000";
  bool canonical = static_cast<int64_t>(*address << 16) >> 16 == static_cast<int64_t>(*address);
  return fmt::format("general protection fault, {} {:#x}: 0000",
                     canonical ? "maybe for address" : "probably for non-canonical address",
                     *address);
}

// Nothing of Linux's: there, the instruction would run the kernel's own entry code in a place that
// is not made for it. Here it would have reached the host.
void Traps::system_call(const host::Registers& registers, const host::Fault& fault) {
  host::Registers at = registers;
  constexpr uint64_t kInstruction = 2;  // syscall, int 0x80, sysenter: all have two bytes
  at.ip -= kInstruction;
  module::Module* module = module_at(at.ip);
  std::string name = host::system_call_name(static_cast<int>(fault.error_code));
  std::string where = reporter_.source(at.ip, false);
  reporter_.log(1, fmt::format("ring3: module {} made the system call {} itself, in {}{}; kernel "
                               "code has none, so it was stopped",
                               module ? module->name : "(none)",
                               fault.foreign ? "number " + std::to_string(fault.error_code) +
                                                   " of another architecture"
                                             : name,
                               reporter_.symbol(at.ip), where));
  reporter_.oops(at, "system call: 0000", 0);
}

void Traps::page_fault(const host::Registers& registers, const host::Fault& fault) {
  bool per_cpu = false;
  uint64_t address = fault.address;
  if (auto place = machine::percpu().place_behind(address)) {
    per_cpu = true;
    address = *place;
  }
  auto symbol = kernel_.binding().symbolise({address});
  if (symbol && symbol->missing) {
    bool called = fault.address == registers.ip;
    auto exported = kernel_.binding().target().find_export(symbol->name);
    reporter_.log(1, fmt::format("ring3: module code {} {}, which ring3 does not have yet: {}",
                                 called ? "called" : "touched", symbol->name,
                                 exported && !exported->declaration.empty() ? exported->declaration
                                                                            : symbol->name));
    reporter_.oops(registers,
                   called    ? "missing function: 0000"
                   : per_cpu ? "missing per-CPU data: 0000"
                             : "missing data: 0000",
                   called ? 0 : fault.address);
    return;
  }
  machine::Task* task = machine::Scheduler::current();
  if (task->stack().guards(fault.address)) {
    reporter_.log(
        0, fmt::format("BUG: TASK stack guard page was hit at {:016x} (stack is {:016x}..{:016x})",
                       fault.address, task->stack().bottom, task->stack().top - 1));
    reporter_.oops(registers, "stack guard page: 0000", 0);
    return;
  }
  constexpr uint64_t kPage = 4096;
  bool write = fault.error_code & 2, fetch = fault.error_code & 16;
  reporter_.log(
      1, fault.address < kPage
             ? fmt::format("BUG: kernel NULL pointer dereference, address: {:016x}", fault.address)
             : fmt::format("BUG: unable to handle page fault for address: {:016x}", fault.address));
  reporter_.log(1, fmt::format("#PF: supervisor {} in kernel mode", fetch   ? "instruction fetch"
                                                                    : write ? "write access"
                                                                            : "read access"));
  // Linux's view: the user bit, which every fault of a host process carries, is not part of it.
  uint64_t code = fault.error_code & ~4ull;
  reporter_.log(1, fmt::format("#PF: error_code(0x{:04x}) - {}", code,
                               code & 1 ? "permissions violation" : "not-present page"));
  reporter_.log(6, "PGD 0 P4D 0 ");
  reporter_.oops(registers, fmt::format("Oops: {:04x}", code), fault.address);
}

void Traps::die(machine::Cpu& cpu) {
  // Linux ends a task from within its page fault handler with interrupts off, and says so; from a
  // trap with interrupts as they were.
  if (cpu.fault.trap != 14) kapi::set_gs_interrupts_on(cpu.interrupts_after_trap);
  // A stack that overflowed is met in the double fault handler, which is a kind of interrupt.
  bool overflowed =
      cpu.fault.trap == 14 && machine::Scheduler::current()->stack().guards(cpu.fault.address);
  if (overflowed || machine::Scheduler::current() == &cpu.idle_task() ||
      (cpu.preempt_count() & (machine::kHardirqMask | machine::kSoftirqMask))) {
    reporter_.log(0, "Kernel panic - not syncing: Fatal exception in interrupt");
    kernel::running().panic("Fatal exception in interrupt");
    return;
  }
  cpu.machine().scheduler().exit_current(true);
}

}  // namespace ring3::debug
