// SPDX-License-Identifier: GPL-2.0-only
// The line between module code and runtime code. Every entry point of the kernel API holds a
// Crossing while it runs. It does three things:
//
//  - It links a CallRecord (which function was called, where the caller's frame lies) into the
//    running task's chain, so that an oops or WARN inside the runtime unwinds from the module's
//    frame on with ORC, without knowing anything about C++ frames.
//  - When the outermost frame leaves, an interrupt that came while runtime code ran is taken
//    (DESIGN section 6: runtime code is never interrupted, so it need not be async-signal-safe).
//  - A caller whose frame lies deeper than all of Linux's stack is reported to the machine, which
//    looks whose frames these are (a module's are limited to Linux's size, the runtime's are not).
#pragma once

#include "kapi/gs_area.h"

extern "C" void ring3_take_pending_interrupt();
extern "C" void ring3_stack_is_deep();

namespace ring3::kapi {

struct Record;

struct CallRecord {
  CallRecord* outer;
  const Record* function;
  uint64_t cfa;  // the caller's %rsp before its call instruction pushed the return address
  uint64_t rbp;  // the caller's %rbp

  uint64_t return_address() const { return *reinterpret_cast<uint64_t*>(cfa - 8); }
};

class Crossing {
 public:
  [[gnu::always_inline]] explicit Crossing(const Record* function)
      : record_{gs_calls(), function, reinterpret_cast<uint64_t>(__builtin_dwarf_cfa()),
                *static_cast<uint64_t*>(__builtin_frame_address(0))} {
    set_gs_calls(&record_);
    if (record_.cfa < gs_stack_limit()) [[unlikely]]
      ring3_stack_is_deep();
  }
  [[gnu::always_inline]] ~Crossing() {
    set_gs_calls(record_.outer);
    if (gs_interrupt_pending()) [[unlikely]]
      ring3_take_pending_interrupt();
  }
  Crossing(const Crossing&) = delete;
  Crossing& operator=(const Crossing&) = delete;

 private:
  CallRecord record_;
};

}  // namespace ring3::kapi
