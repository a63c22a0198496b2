// SPDX-License-Identifier: GPL-2.0-only
// va_list as a parameter of a kernel function: in prototypes it is a pointer to the ABI's struct
// __va_list_tag, which g++ does not let templates name. So prototypes say VaList, and bodies turn
// it into a va_list.
#pragma once

#include <cstdarg>

namespace ring3::k {
struct __va_list_tag;  // NOLINT: the target's BTF calls it so
}

namespace ring3::kernel {

using VaList = k::__va_list_tag*;

inline va_list& list_of(VaList list) { return *reinterpret_cast<va_list*>(list); }

}  // namespace ring3::kernel
