// SPDX-License-Identifier: GPL-2.0-only
#include "machine/stack.h"

#include "base/check.h"
#include "base/sanitizers.h"
#include "host/memory.h"

#ifdef RING3_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace ring3::machine {
namespace {

constexpr size_t kPooled = 64;

void release(const Stack& stack) { host::release(stack.guard, stack.top - stack.guard); }

}  // namespace

StackPool::~StackPool() {
  for (const Stack& stack : free_) release(stack);
}

Stack StackPool::take() {
  {
    SpinGuard guard(lock_);
    if (!free_.empty()) {
      Stack stack = free_.back();
      free_.pop_back();
      return stack;
    }
  }
  auto base = host::reserve(0, kGuardSize + kTaskStackSize);
  CHECK(base.ok(), "a task's stack: {}", base.error().text);
  Stack stack{*base, *base + kGuardSize, *base + kGuardSize + kTaskStackSize};
  auto usable = host::protect(stack.bottom, kTaskStackSize, host::Protection::kReadWrite);
  CHECK(usable.ok(), "a task's stack: {}", usable.error().text);
  return stack;
}

void StackPool::give_back(Stack stack) {
#ifdef RING3_ASAN
  // A task that died left its frames' red zones; the memory may become something else.
  __asan_unpoison_memory_region(reinterpret_cast<void*>(stack.bottom), stack.top - stack.bottom);
#endif
  {
    SpinGuard guard(lock_);
    if (free_.size() < kPooled) {
      free_.push_back(stack);
      return;
    }
  }
  release(stack);
}

}  // namespace ring3::machine
