// SPDX-License-Identifier: GPL-2.0-only
// Three worlds of addresses, three types that do not mix (DESIGN section 1). A kernel address is
// what module code sees and may be dereferenced in this process; a user address belongs to another
// process and only uaccess turns it into bytes; a host address is an ordinary C++ pointer.
#pragma once

#include <compare>
#include <cstdint>

namespace ring3 {

struct KernelAddress {
  uint64_t value = 0;

  auto operator<=>(const KernelAddress&) const = default;
  explicit operator bool() const { return value != 0; }
  KernelAddress operator+(uint64_t offset) const { return {value + offset}; }
  uint64_t operator-(KernelAddress other) const { return value - other.value; }

  template <class T = void>
  T* as() const {
    return reinterpret_cast<T*>(value);
  }
  static KernelAddress of(const void* pointer) { return {reinterpret_cast<uint64_t>(pointer)}; }
};

struct UserAddress {
  uint64_t value = 0;
  auto operator<=>(const UserAddress&) const = default;
};

}  // namespace ring3
