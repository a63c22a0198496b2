// SPDX-License-Identifier: GPL-2.0-only
// _ctype, the table behind the kernel's isdigit() and its family.
#include "linux/include/ctype.h"

#include <cstring>

#include "kapi/kapi.h"

namespace ring3::kernel {
namespace {

KDATA_INIT(_ctype, Real, nullptr, 256)
{ std::memcpy(at, kCharacterClasses.data(), 256); }

}  // namespace
}  // namespace ring3::kernel
