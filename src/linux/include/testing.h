// SPDX-License-Identifier: GPL-2.0-only
// For unit tests: calls a function of the kernel API as a module would, through its entry point,
// without a binding. The thread's %gs is set to an area that is big enough for a Crossing.
//
//   auto snprintf_ = api<int(char*, size_t, const char*, ...)>("snprintf");
#pragma once

#include <asm/prctl.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string_view>

#include "kapi/gs_area.h"
#include "kapi/kapi.h"

extern "C" const ring3::kapi::Record* const __start_ring3_kapi[];
extern "C" const ring3::kapi::Record* const __stop_ring3_kapi[];

namespace ring3::kernel::testing {

template <class F>
struct Returns;
template <class R, class... A>
struct Returns<R(A...)> {
  static constexpr bool kVoid = std::is_void_v<R>;
};
template <class R, class... A>
struct Returns<R(A..., ...)> {
  static constexpr bool kVoid = std::is_void_v<R>;
};

inline void enter_machine() {
  static thread_local kapi::GsArea area{};
  static thread_local bool entered = false;
  if (entered) return;
  syscall(SYS_arch_prctl, ARCH_SET_GS, &area);
  entered = true;
}

// Of several definitions of a name the one that returns what F returns is meant (void or not).
template <class F>
F* api(std::string_view name) {
  enter_machine();
  for (auto at = __start_ring3_kapi; at != __stop_ring3_kapi; at++) {
    const kapi::Record& record = **at;
    if (record.name != name || !record.address) continue;
    constexpr bool returns_nothing = Returns<F>::kVoid;
    if (!record.prototype ||
        std::string_view(record.prototype).starts_with("v(") == returns_nothing)
      return reinterpret_cast<F*>(const_cast<void*>(record.address));
  }
  ADD_FAILURE() << "the kernel API has no " << name;
  return nullptr;
}

}  // namespace ring3::kernel::testing
