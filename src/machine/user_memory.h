// SPDX-License-Identifier: GPL-2.0-only
// The memory of the program whose system call a task makes. Only uaccess (copy_to_user and its
// relatives) goes through it; a user address is never dereferenced. Copies stop at the first byte
// that cannot be had, as on Linux, and say how far they came.
#pragma once

#include <cstddef>

#include "base/address.h"

namespace ring3::machine {

class UserMemory {
 public:
  virtual ~UserMemory() = default;
  // How many bytes, counted from the beginning, were copied.
  virtual size_t read(void* to, UserAddress from, size_t size) const = 0;
  virtual size_t write(UserAddress to, const void* from, size_t size) const = 0;
};

}  // namespace ring3::machine
