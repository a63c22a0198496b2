// SPDX-License-Identifier: GPL-2.0-only
// The first 48 bytes of every CPU's per-CPU area, which %gs points at while a thread runs tasks.
// Linux calls it fixed_percpu_data: 40 bytes that no module touches, then the stack protector's
// canary, which 72% of modules read at the absolute address %gs:0x28. The 40 bytes are ours.
//
// Everything here is read and written with one instruction on %gs, never through a cached pointer:
// a task may continue on another CPU after any call that can switch.
#pragma once

#include <cstdint>

namespace ring3::machine {
class Cpu;
class Task;
}  // namespace ring3::machine

namespace ring3::kapi {

struct CallRecord;

struct GsArea {
  machine::Cpu* cpu;          //  0
  machine::Task* task;        //  8  the engine's task, beside Linux's current
  CallRecord* calls;          // 16  innermost call from module code into the runtime (crossing.h)
  uint8_t interrupt_pending;  // 24  something waits for the virtual interrupt to be taken
  uint8_t interrupts_on;      // 25  the virtual IF flag
  uint8_t reserved[6];        // 26
  uint64_t stack_limit;       // 32  a module frame below may be one too many (machine/stack.h)
  uint64_t canary;            // 40  %gs:0x28
};
static_assert(sizeof(GsArea) == 48 && offsetof(GsArea, canary) == 40);

#define RING3_GS_FIELD(type, name, offset)                           \
  inline type gs_##name() {                                          \
    type value;                                                      \
    asm volatile("mov %%gs:" #offset ", %0" : "=r"(value));          \
    return value;                                                    \
  }                                                                  \
  inline void set_gs_##name(type value) {                            \
    asm volatile("mov %0, %%gs:" #offset : : "r"(value) : "memory"); \
  }
RING3_GS_FIELD(machine::Cpu*, cpu, 0)
RING3_GS_FIELD(machine::Task*, task, 8)
RING3_GS_FIELD(CallRecord*, calls, 16)
RING3_GS_FIELD(uint8_t, interrupt_pending, 24)
RING3_GS_FIELD(uint8_t, interrupts_on, 25)
RING3_GS_FIELD(uint64_t, stack_limit, 32)
#undef RING3_GS_FIELD

}  // namespace ring3::kapi
