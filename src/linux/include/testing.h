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
#include <vector>

#include "kapi/field.h"
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

// Fields at offsets of the test's own, put back when this goes.
class OwnFields {
 public:
  ~OwnFields() {
    for (auto saved = saved_.rbegin(); saved != saved_.rend(); ++saved) {
      saved->field->offset = saved->offset;
      saved->field->present = saved->present;
    }
  }
  void set(kapi::FieldRecord& field, uint64_t offset) {
    saved_.push_back({&field, field.offset, field.present});
    field.offset = offset;
    field.present = true;
  }

 private:
  struct Saved {
    kapi::FieldRecord* field;
    uint64_t offset;
    bool present;
  };
  std::vector<Saved> saved_;
};

}  // namespace ring3::kernel::testing
