// SPDX-License-Identifier: GPL-2.0-only
// What Linux itself asks of a module's bytes before it believes any of them: kernel/module/main.c
// elf_validity_check of 6.1, in its order and with its texts (shared/CONTRACT.md 5.2 step 2). A
// file that passes here is one that Linux goes on with; everything stricter lives elsewhere.
//
// v6.13 (and 6.12.y, where find_any_unique_sec shows it) took the checks apart: the sections'
// places come before their names, all names are checked, and what is looked for must be there once.
#pragma once

#include <elf.h>

#include "base/bytes.h"
#include "base/result.h"

namespace ring3::elf {

struct Headers {
  Elf64_Ehdr file;
  Bytes section_names;  // not empty, ends in NUL

  // Section `index` of file.e_shnum; `bytes` are those that were checked.
  Elf64_Shdr section(Bytes bytes, uint32_t index) const;
};

Result<Headers> check_validity(Bytes file, bool unique_sections);

}  // namespace ring3::elf
