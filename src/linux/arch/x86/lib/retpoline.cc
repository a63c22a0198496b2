// SPDX-License-Identifier: GPL-2.0-only
// Thunks that compilers put in the place of ret and of indirect branches (entry_stubs.S). They are
// here so that a module runs unpatched; src/link/x86_64 patches the sites into plain instructions.
#include "kapi/kapi.h"

namespace ring3::kernel {
namespace {

KAPI_ASM(__x86_return_thunk, Real, ring3_return_thunk);

#define THUNK(reg)                                                             \
  KAPI_ASM(__x86_indirect_thunk_##reg, Real, ring3_indirect_thunk_##reg);      \
  KAPI_ASM(__x86_indirect_call_thunk_##reg, Real, ring3_indirect_thunk_##reg); \
  KAPI_ASM(__x86_indirect_jump_thunk_##reg, Real, ring3_indirect_thunk_##reg)
THUNK(rax);
THUNK(rcx);
THUNK(rdx);
THUNK(rbx);
THUNK(rsp);
THUNK(rbp);
THUNK(rsi);
THUNK(rdi);
THUNK(r8);
THUNK(r9);
THUNK(r10);
THUNK(r11);
THUNK(r12);
THUNK(r13);
THUNK(r14);
THUNK(r15);
#undef THUNK

}  // namespace
}  // namespace ring3::kernel
