// SPDX-License-Identifier: GPL-2.0-only
#include "machine/fiber.h"

#include <cstring>

#include "base/sanitizers.h"
#ifdef RING3_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef RING3_TSAN
#include <sanitizer/tsan_interface.h>
#endif

extern "C" {
void ring3_switch_stack(uint64_t* save_sp, uint64_t load_sp);
void ring3_task_entry();
}

namespace ring3::machine {
namespace {

// Who switched to the running fiber. Written before the switch and read right after it on the same
// host thread, so nothing is cached across a switch.
thread_local Fiber* switched_from = nullptr;

}  // namespace

Fiber::Fiber(const Stack& stack, void (*function)(void*), void* argument)
    : stack_bottom_(reinterpret_cast<void*>(stack.bottom)), stack_size_(stack.top - stack.bottom) {
  // The frame that ring3_switch_stack pops: control words, r15, r14, r13, r12, rbx, rbp, return
  // address; above it a zero return address. Entered with the stack as after a call (16-byte
  // aligned minus 8).
  uint64_t* frame = reinterpret_cast<uint64_t*>(stack.top) - 10;
  std::memset(frame, 0, 10 * sizeof(uint64_t));
  uint32_t mxcsr = 0x1f80;  // the psABI's initial values
  uint16_t x87 = 0x37f;
  std::memcpy(frame, &mxcsr, sizeof(mxcsr));
  std::memcpy(reinterpret_cast<char*>(frame) + 4, &x87, sizeof(x87));
  frame[4] = reinterpret_cast<uint64_t>(argument);  // r12
  frame[5] = reinterpret_cast<uint64_t>(function);  // rbx
  frame[7] = reinterpret_cast<uint64_t>(&ring3_task_entry);
  sp_ = reinterpret_cast<uint64_t>(frame);
#ifdef RING3_TSAN
  tsan_fiber_ = __tsan_create_fiber(0);
  owns_tsan_fiber_ = true;
#endif
}

Fiber::~Fiber() {
#ifdef RING3_TSAN
  if (owns_tsan_fiber_) __tsan_destroy_fiber(tsan_fiber_);
#endif
}

[[gnu::noinline]] void Fiber::switch_to(Fiber& from, Fiber& to, [[maybe_unused]] bool last) {
  switched_from = &from;
#ifdef RING3_ASAN
  __sanitizer_start_switch_fiber(last ? nullptr : &from.fake_stack_, to.stack_bottom_,
                                 to.stack_size_);
#endif
#ifdef RING3_TSAN
  if (!from.tsan_fiber_) from.tsan_fiber_ = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(to.tsan_fiber_, 0);
#endif
  ring3_switch_stack(&from.sp_, to.sp_);
#ifdef RING3_ASAN
  __sanitizer_finish_switch_fiber(from.fake_stack_, nullptr, nullptr);
#endif
}

[[gnu::noinline]] void Fiber::entered() {
#ifdef RING3_ASAN
  Fiber* from = switched_from;
  const void* bottom;
  size_t size;
  __sanitizer_finish_switch_fiber(nullptr, &bottom, &size);
  if (from && !from->stack_bottom_) {
    from->stack_bottom_ = bottom;
    from->stack_size_ = size;
  }
#endif
}

}  // namespace ring3::machine
