// SPDX-License-Identifier: GPL-2.0-only
// Where the descriptors of pr_debug call sites keep their flags and lines in this target.
#pragma once

namespace ring3::target {
class Target;
}

namespace ring3::kernel {
void bind_dynamic_debug(const target::Target& target);
}
