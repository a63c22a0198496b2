// SPDX-License-Identifier: GPL-2.0-only
// The virtual interrupt (DESIGN section 6). A source becomes pending on a CPU (Cpu::raise, its
// timer); it is delivered, on the stack of whatever the CPU runs, at the first of these moments:
//
//  - the kick signal finds the CPU's thread in module code with interrupts on: the handler writes
//    the registers below the interrupted frame and resumes the thread in deliver(), as an ordinary
//    function on an ordinary stack; deliver() may switch tasks;
//  - a call into the runtime returns to module code (kapi::Crossing);
//  - interrupts come back on;
//  - the CPU is idle.
//
// Runtime code is never interrupted. Faults take the same road, onto the CPU's trap stack.
#pragma once

#include <cstdint>

#include "machine/machine.h"

namespace ring3::machine {

// The calling CPU takes what is pending, if interrupts are on. May switch tasks.
void deliver_pending();

// The virtual IF flag of the calling CPU.
inline bool interrupts_enabled() { return kapi::gs_interrupts_on(); }
inline void disable_interrupts() { kapi::set_gs_interrupts_on(0); }
inline void enable_interrupts() {
  kapi::set_gs_interrupts_on(1);
  if (kapi::gs_interrupt_pending()) [[unlikely]]
    deliver_pending();
}

// Ranges of code that count as module code besides module space; for tests.
void add_module_code(const void* begin, const void* end);
bool is_module_code(uint64_t address);

// Makes a host thread the CPU's (for signals), and no CPU's again.
void attach_thread(Cpu* cpu);
// Before any CPU's thread starts: a kick must not meet the default action.
void install_handlers();
// Is the calling host thread a CPU's (so that %gs may be read)?
bool on_cpu_thread();

}  // namespace ring3::machine
