// SPDX-License-Identifier: GPL-2.0-only
// Facts about the processor that modules read as data.
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/uaccess.h"

namespace ring3::kernel {
namespace {

// What inlined checks of user pointers compare with, since v6.12.
KDATA_INIT(USER_PTR_MAX, Real, nullptr, 8)
{ std::memcpy(at, &kUserEnd, sizeof(kUserEnd)); }

}  // namespace
}  // namespace ring3::kernel
