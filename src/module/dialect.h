// SPDX-License-Identifier: GPL-2.0-only
// What Linux says changed between releases without a trace in BTF: the words of some messages. Each
// is tied to something that BTF or the exports do show and that came with the same release, so that
// a backport of both is right and no version number is asked.
#pragma once

#include "target/target.h"

namespace ring3::module {

// v6.12 (struct kmem_cache_args came then): reports say "UID: n", an oops's title begins with
// "Oops: " for traps too, and a proprietary module is told of once more when its taint is set.
inline bool speaks_as_6_12(const target::Target& target) {
  return target.size_of("kmem_cache_args").has_value();
}

}  // namespace ring3::module
