// SPDX-License-Identifier: GPL-2.0-only
// Host signals as the two things a machine needs: faults (the instruction that a thread executed
// could not be) and kicks (another thread, or this thread's timer, wants its attention). Handlers
// run on the thread's alternate stack and may change the registers with which the thread goes on;
// they may call only what is async-signal-safe.
#pragma once

#include <cstdint>

#include "host/registers.h"

namespace ring3::host {

// Fault::trap of a system call that a filter stopped (sandbox.h): no vector of the processor.
inline constexpr uint64_t kSystemCallTrap = 0x100;

struct Fault {
  enum Kind : uint8_t { kMemory, kIllegal, kArithmetic, kBreakpoint, kSystemCall } kind;
  uint64_t address;  // kMemory: the address touched, where the processor tells it
  uint64_t trap;     // x86 vector: 14 page fault, 13 general protection, 6 invalid opcode, 0 divide
  // Page faults: bit 0 present, 1 write, 2 user, 4 instruction fetch. System calls: the number.
  uint64_t error_code;
  bool foreign = false;  // a system call in another architecture's way
};

// True: continue with the registers as they are now. False: not ours; the previous handler (a
// sanitizer's, or the default) gets it.
using FaultHandler = bool (*)(Registers& registers, const Fault& fault);
// Two steps, since a kick finds its thread anywhere. The first runs always, at `ip`, be it inside
// of a sanitizer's runtime, so it must be RING3_UNINSTRUMENTED; `timer`: the kick comes from this
// thread's own timer. The second runs if the first says that this place may be interrupted.
using KickNote = bool (*)(uint64_t ip, bool timer);
using KickHandler = void (*)(Registers& registers);

// Once per process; later calls replace the functions.
void install_signal_handlers(FaultHandler on_fault, KickNote note_kick, KickHandler on_kick);

// Gives the calling thread an alternate signal stack (its own memory, with a guard page below).
void use_alternate_signal_stack();
// Undoes it before the thread ends.
void drop_alternate_signal_stack();

}  // namespace ring3::host
