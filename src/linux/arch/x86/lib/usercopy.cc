// SPDX-License-Identifier: GPL-2.0-only
// User memory before there are user programs: every user address faults, as an unmapped one does on
// Linux. The boundary (src/user) replaces this.
#include <cerrno>
#include <cstring>

#include "kapi/kapi.h"

namespace ring3::kernel {
namespace {

#define NO_USER Partial("no user program exists yet: every user address is -EFAULT")
KAPI_ASM(__get_user_1, NO_USER, ring3_get_user_fault);
KAPI_ASM(__get_user_2, NO_USER, ring3_get_user_fault);
KAPI_ASM(__get_user_4, NO_USER, ring3_get_user_fault);
KAPI_ASM(__get_user_8, NO_USER, ring3_get_user_fault);
KAPI_ASM(__get_user_nocheck_1, NO_USER, ring3_get_user_fault);
KAPI_ASM(__get_user_nocheck_2, NO_USER, ring3_get_user_fault);
KAPI_ASM(__get_user_nocheck_4, NO_USER, ring3_get_user_fault);
KAPI_ASM(__get_user_nocheck_8, NO_USER, ring3_get_user_fault);
KAPI_ASM(__put_user_1, NO_USER, ring3_put_user_fault);
KAPI_ASM(__put_user_2, NO_USER, ring3_put_user_fault);
KAPI_ASM(__put_user_4, NO_USER, ring3_put_user_fault);
KAPI_ASM(__put_user_8, NO_USER, ring3_put_user_fault);
KAPI_ASM(__put_user_nocheck_1, NO_USER, ring3_put_user_fault);
KAPI_ASM(__put_user_nocheck_2, NO_USER, ring3_put_user_fault);
KAPI_ASM(__put_user_nocheck_4, NO_USER, ring3_put_user_fault);
KAPI_ASM(__put_user_nocheck_8, NO_USER, ring3_put_user_fault);
KAPI_ASM(clear_user_original, NO_USER, ring3_clear_user_fault);
KAPI_ASM(clear_user_rep_good, NO_USER, ring3_clear_user_fault);
KAPI_ASM(clear_user_erms, NO_USER, ring3_clear_user_fault);
KAPI_ASM(copy_user_generic_unrolled, NO_USER, ring3_copy_user_fault);
KAPI_ASM(copy_user_generic_string, NO_USER, ring3_copy_user_fault);
KAPI_ASM(copy_user_enhanced_fast_string, NO_USER, ring3_copy_user_fault);
KAPI_ASM(__copy_user_nocache, NO_USER, ring3_copy_user_fault);
KAPI_ASM(rep_movs_alternative, NO_USER, ring3_clear_user_fault);
KAPI_ASM(rep_stos_alternative, NO_USER, ring3_clear_user_fault);

KAPI(_copy_from_user, NO_USER, unsigned long, (void* to, const void*, unsigned long size)) {
  std::memset(to, 0, size);
  return size;
}
KAPI(_copy_to_user, NO_USER, unsigned long, (void*, const void*, unsigned long size)) {
  return size;
}
KAPI(strncpy_from_user, NO_USER, long, (char*, const char*, long)) { return -EFAULT; }
KAPI(strnlen_user, NO_USER, long, (const char*, long)) { return 0; }
KAPI(check_zeroed_user, NO_USER, int, (const void*, size_t)) { return -EFAULT; }

}  // namespace
}  // namespace ring3::kernel
