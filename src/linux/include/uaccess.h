// SPDX-License-Identifier: GPL-2.0-only
// User memory for runtime code: of the program whose system call the running task makes. A task
// that makes none (a kernel thread, module_init by the machine itself) has no user memory, and
// every access is a fault, as on Linux.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/address.h"
#include "machine/user_memory.h"

namespace ring3::kernel {

// TASK_SIZE_MAX of x86-64 with four levels of page tables (arch/x86/include/asm/page_64_types.h).
inline constexpr uint64_t kUserEnd = (1ull << 47) - 4096;

inline bool access_ok(UserAddress address, uint64_t size) {
  return size <= kUserEnd && address.value <= kUserEnd - size;
}

// How many bytes at the end could not be copied; checks access_ok.
size_t copy_from_user(void* to, UserAddress from, size_t size);
size_t copy_to_user(UserAddress to, const void* from, size_t size);
size_t clear_user(UserAddress to, size_t size);

// The running task makes a system call of a program with this memory, as long as this lives.
class UserCall {
 public:
  explicit UserCall(const machine::UserMemory& memory);
  ~UserCall();
  UserCall(const UserCall&) = delete;
  UserCall& operator=(const UserCall&) = delete;

 private:
  const machine::UserMemory* before_;
};

}  // namespace ring3::kernel
