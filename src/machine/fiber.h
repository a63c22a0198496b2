// SPDX-License-Identifier: GPL-2.0-only
// A stack and where execution left it: the raw material of tasks. switch_to() is the only way in
// and out, and tells the sanitizers, which otherwise take a switched stack for a corrupted one.
#pragma once

#include <cstdint>

#include "machine/stack.h"

namespace ring3::machine {

class Fiber {
 public:
  Fiber() = default;  // the calling thread's own stack, to be switched away from
  // A fiber that will run function(argument) on `stack`; the function must not return.
  Fiber(const Stack& stack, void (*function)(void*), void* argument);
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber();

  // Leaves `from` (the running fiber) and goes on in `to`. `last`: from will never be entered
  // again.
  static void switch_to(Fiber& from, Fiber& to, bool last = false);
  // To be called first in a fiber's function.
  static void entered();

 private:
  uint64_t sp_ = 0;
  // Sanitizers: the bounds of the stack (learned on the first switch for a thread's own), the fake
  // stack of asan, the fiber of tsan.
  const void* stack_bottom_ = nullptr;
  uint64_t stack_size_ = 0;
  void* fake_stack_ = nullptr;
  void* tsan_fiber_ = nullptr;
  bool owns_tsan_fiber_ = false;
};

}  // namespace ring3::machine
