// SPDX-License-Identifier: GPL-2.0-only
// Ticks for runtime code. Weak: who keeps the exported jiffies gives these; without, they are
// counted from the machine's clock at 250 a second.
#pragma once

#include <cstdint>

#include "machine/machine.h"

namespace ring3::kernel {

[[gnu::weak]] uint64_t kernel_jiffies();
[[gnu::weak]] unsigned kernel_jiffies_per_second();

inline unsigned jiffies_per_second() {
  return &kernel_jiffies_per_second ? kernel_jiffies_per_second() : 250;
}
inline uint64_t current_jiffies() {
  if (&kernel_jiffies) return kernel_jiffies();
  machine::Machine* machine = machine::Machine::instance();
  uint64_t ns = machine ? machine->clock().now_ns() : host::host_now_ns();
  // Linux lets the low 32 bits overflow five minutes after boot.
  return ns / (1'000'000'000 / jiffies_per_second()) +
         static_cast<uint32_t>(-300 * static_cast<int>(jiffies_per_second()));
}

}  // namespace ring3::kernel
