// SPDX-License-Identifier: GPL-2.0-only
// The call that -pg -mfentry puts at the beginning of every function.
#include "kapi/kapi.h"

namespace ring3::kernel {
namespace {
KAPI_ASM(__fentry__, Real, ring3_fentry);
}  // namespace
}  // namespace ring3::kernel
