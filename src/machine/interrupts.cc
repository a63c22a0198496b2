// SPDX-License-Identifier: GPL-2.0-only
#include "machine/interrupts.h"

#include <cstring>

#include "base/check.h"
#include "base/sanitizers.h"
#include "link/module_space.h"

#ifdef RING3_ASAN
#include <sanitizer/asan_interface.h>
#endif

extern "C" void ring3_resume_through();

namespace ring3::machine {
namespace {

// What an interrupt on a task's stack may need: registers, vector state, handlers, a task switch.
constexpr uint64_t kInterruptRoom = 48 * 1024;

struct CodeRange {
  uint64_t begin, end;
};
CodeRange extra_code[8];
std::atomic<unsigned> extra_code_count{0};

// For signal handlers only, which must not read %gs in threads that have none.
thread_local Cpu* thread_cpu = nullptr;

// Continues the interrupted thread in function(registers) on the stack below `sp`.
void redirect(host::Registers& registers, uint64_t sp, void (*function)(host::Registers*)) {
  sp = (sp - sizeof(host::Registers)) & ~15ull;
#ifdef RING3_ASAN
  // Frames that were left for good (a task that died) are still poisoned below.
  constexpr uint64_t kReach = 32 * 1024;
  __asan_unpoison_memory_region(reinterpret_cast<void*>(sp - kReach), kReach + sizeof(registers));
#endif
  std::memcpy(reinterpret_cast<void*>(sp), &registers, sizeof(registers));
  registers.sp = sp;
  registers.bx = reinterpret_cast<uint64_t>(function);
  registers.ip = reinterpret_cast<uint64_t>(&ring3_resume_through);
}

void run_handlers(Cpu& cpu) {
  Machine& machine = cpu.machine();
  uint32_t pending = cpu.take_pending();
  if (pending & kTick) {
    machine.timers().run(machine.clock().now_ns());
    if (machine.hooks.tick) machine.hooks.tick(cpu);
  }
  for (Interrupt source : {kCall, kDevice})
    if ((pending & source) && machine.hooks.interrupt) machine.hooks.interrupt(cpu, source);
  if ((pending & (kTick | kReschedule)) && machine.scheduler().others_waiting())
    cpu.preempt_count() &= ~kNoReschedule;
}

void stack_is_deep(const host::Registers* registers) {
  Cpu& cpu = *Cpu::current();
  if (cpu.machine().hooks.stack_is_deep) cpu.machine().hooks.stack_is_deep(cpu, registers);
}

void interrupted(host::Registers* registers) {
  if (registers->sp < kapi::gs_stack_limit()) stack_is_deep(registers);
  deliver_pending();
}

// Linux's interrupts have a stack of their own; module code in ours begins to count where it
// begins.
class InterruptStack {
 public:
  InterruptStack() : outer_(kapi::gs_stack_limit()) {
    kapi::set_gs_stack_limit(reinterpret_cast<uint64_t>(__builtin_frame_address(0)) -
                             kLinuxStackSize);
  }
  ~InterruptStack() { kapi::set_gs_stack_limit(outer_); }
  InterruptStack(const InterruptStack&) = delete;
  InterruptStack& operator=(const InterruptStack&) = delete;

 private:
  uint64_t outer_;
};

void trapped(host::Registers* registers) {
  Cpu& cpu = *Cpu::current();
  cpu.interrupts_after_trap = kapi::gs_interrupts_on();
  kapi::set_gs_interrupts_on(0);
  host::Fault fault = cpu.fault;
  if (cpu.machine().hooks.trap)
    cpu.machine().hooks.trap(cpu, *registers, fault);
  else
    cpu.machine().scheduler().exit_current(true);
  cpu.in_trap = false;
  kapi::set_gs_interrupts_on(cpu.interrupts_after_trap);
}

RING3_UNINSTRUMENTED bool note_kick(uint64_t ip, bool timer) {
  Cpu* cpu = thread_cpu;
  if (!cpu) return false;
  if (timer) cpu->note_tick();
  return is_module_code(ip);
}

void on_kick(host::Registers& registers) {
  Cpu* cpu = thread_cpu;
  Machine& machine = cpu->machine();
  if (machine.hooks.time_passed) machine.hooks.time_passed(machine);
  kapi::GsArea& gs = cpu->gs();
  if (!kapi::gs_interrupt_pending() || !gs.interrupts_on || cpu->in_trap) return;
  const Stack& stack = gs.task->stack();
  bool room = stack.contains(registers.sp) ? registers.sp - stack.bottom > kInterruptRoom
                                           : gs.task == &cpu->idle_task();
  if (room) redirect(registers, registers.sp, &interrupted);
}

bool on_fault(host::Registers& registers, const host::Fault& fault) {
  Cpu* cpu = thread_cpu;
  if (!cpu || cpu->in_trap) return false;  // nobody's, or a fault in our own report of one
  // A jump through a bad pointer leads nowhere that is ours. Otherwise, runtime code that faults
  // outside of any call from a module is our own mistake.
  bool bad_jump = fault.trap == 14 && fault.address == registers.ip;
  if (!is_module_code(registers.ip) && !bad_jump && !cpu->gs().calls) return false;
  cpu->fault = fault;
  cpu->in_trap = true;
  redirect(registers, cpu->trap_stack().top, &trapped);
  return true;
}

}  // namespace

void deliver_pending() {
  Cpu* cpu = Cpu::current();
  // A tick that found runtime code was only noted: module code must see the time that it is.
  Machine& machine = cpu->machine();
  if (machine.hooks.time_passed) machine.hooks.time_passed(machine);
  if (!kapi::gs_interrupts_on()) return;
  if (cpu->machine().stopping() && Scheduler::current() != &cpu->idle_task())
    return cpu->machine().scheduler().exit_current(true);
  std::atomic<unsigned>& count = cpu->preempt_count();
  while (kapi::gs_interrupt_pending()) {
    InterruptStack own;
    kapi::set_gs_interrupts_on(0);
    count += kHardirqOffset;
    run_handlers(*cpu);
    count -= kHardirqOffset;
    if (!(count & (kHardirqMask | kSoftirqMask)) && cpu->machine().hooks.softirq)
      cpu->machine().hooks.softirq(*cpu);
    kapi::set_gs_interrupts_on(1);
  }
  // Zero in every part, and somebody waits: the running task's slice is over.
  if (count == 0 && Scheduler::current() != &cpu->idle_task()) cpu->machine().scheduler().preempt();
}

void add_module_code(const void* begin, const void* end) {
  unsigned index = extra_code_count.load(std::memory_order_acquire);
  CHECK(index < std::size(extra_code), "too many ranges of test module code");
  extra_code[index] = {reinterpret_cast<uint64_t>(begin), reinterpret_cast<uint64_t>(end)};
  extra_code_count.store(index + 1, std::memory_order_release);
}

RING3_UNINSTRUMENTED bool is_module_code(uint64_t address) {
  if (link::ModuleSpace::contains(address)) return true;
  unsigned count = extra_code_count.load(std::memory_order_acquire);
  for (unsigned i = 0; i < count; i++)
    if (address >= extra_code[i].begin && address < extra_code[i].end) return true;
  return false;
}

void install_handlers() { host::install_signal_handlers(&on_fault, &note_kick, &on_kick); }

bool on_cpu_thread() { return thread_cpu != nullptr; }

void attach_thread(Cpu* cpu) {
  thread_cpu = cpu;
  if (!cpu) return host::drop_alternate_signal_stack();
  host::use_alternate_signal_stack();
}

}  // namespace ring3::machine

extern "C" void ring3_stack_is_deep() { ring3::machine::stack_is_deep(nullptr); }
extern "C" void ring3_take_pending_interrupt() { ring3::machine::deliver_pending(); }
