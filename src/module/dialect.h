// SPDX-License-Identifier: GPL-2.0-only
// What Linux says changed between releases without a trace in BTF: the words of some messages. Each
// is tied to something that BTF or the exports do show and that came with the same release, so that
// a backport of both is right and no version number is asked.
#pragma once

#include "elf/view.h"
#include "target/target.h"

namespace ring3::module {

// v6.12 (struct kmem_cache_args came then): reports say "UID: n", an oops's title begins with
// "Oops: " for traps too, and a proprietary module is told of once more when its taint is set.
inline bool speaks_as_6_12(const target::Target& target) {
  return target.size_of("kmem_cache_args").has_value();
}

// Until v6.4 (struct module_memory came then) a module taints the kernel before it is known whether
// its name is free.
inline bool taints_before_claim(const target::Target& target) {
  return !target.size_of("module_memory").has_value();
}

// v6.13's way of checking the file, which 6.12.y has too: see elf/validity.h.
inline elf::Checks elf_checks(const target::Target& target) {
  return {.unique_sections = target.prototype("find_any_unique_sec").has_value(),
          .module_size = target.size_of("module").value_or(0)};
}

}  // namespace ring3::module
