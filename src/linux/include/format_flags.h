// SPDX-License-Identifier: GPL-2.0-only
// %pG's tables learn the target's bits; called once, when exported data is filled in.
#pragma once

namespace ring3::target {
class Target;
}

namespace ring3::kernel::format {
void bind_flag_names(const target::Target& target);
}
