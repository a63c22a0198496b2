// SPDX-License-Identifier: GPL-2.0-only
// Stacks for tasks and traps: host memory with an unreadable page below. Larger than Linux's 16
// KiB, so that our own frames and interrupt frames never are what overflows; kept in a pool,
// because a task a load is common.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/spinlock.h"

namespace ring3::machine {

struct Stack {
  uint64_t guard = 0;  // one unreadable page [guard, bottom)
  uint64_t bottom = 0;
  uint64_t top = 0;

  bool contains(uint64_t address) const { return address >= bottom && address < top; }
  bool guards(uint64_t address) const { return address >= guard && address < bottom; }
};

inline constexpr uint64_t kTaskStackSize = 256 * 1024;
// THREAD_SIZE and IRQ_STACK_SIZE of Linux on x86-64: what a module's frames may take together. The
// CPU's GsArea::stack_limit is that much below where a task, or an interrupt, began; a module's
// frame below it calls MachineHooks::stack_is_deep, which tells its frames from ours.
inline constexpr uint64_t kLinuxStackSize = 16 * 1024;
inline constexpr uint64_t kGuardSize = 16 * 1024;  // a large frame must not jump over it

class StackPool {
 public:
  ~StackPool();
  Stack take();
  void give_back(Stack stack);

 private:
  SpinLock lock_;
  std::vector<Stack> free_;
};

}  // namespace ring3::machine
