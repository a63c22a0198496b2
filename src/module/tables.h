// SPDX-License-Identifier: GPL-2.0-only
// Tables inside a module that the runtime follows by pointers: parameters, exports, debug messages,
// the files that warnings name. Linux trusts them, and a damaged one takes the machine down; here
// each pointer is looked at once, after relocation, and the error says which entry of which
// section is wrong.
#pragma once

#include <string_view>

#include "base/result.h"
#include "module/module.h"

namespace ring3::module {

struct LoaderServices;

// One entry of such a table, for the errors. All are ENOEXEC.
class TableEntry {
 public:
  TableEntry(const Module& module, std::string_view section, size_t number)
      : module_(module), section_(section), number_(number) {}

  // The text that a pointer of the entry leads to.
  Result<std::string_view> text(std::string_view member, uint64_t address) const;
  // An object of `size` bytes, the module's, another module's or the kernel API's.
  Result<void> object(std::string_view member, uint64_t address, uint64_t size) const;
  // The same of a struct with pointers in it.
  Result<void> structure(std::string_view member, uint64_t address, uint64_t size) const;

 private:
  Error leads_nowhere(std::string_view member, uint64_t address) const;

  const Module& module_;
  std::string_view section_;
  size_t number_;
};

// ENOEXEC: the section does not begin where its entries may lie. (Linux does not mind on x86; no
// compiler makes such a file.)
Result<void> check_aligned(const Module& module, std::string_view section, uint64_t align);

// __param and __bug_table; __ksymtab is looked at where it is read (checks.cc), __dyndbg where its
// fields are known (linux/lib/dynamic_debug_control.cc).
Result<void> check_tables(const Module& module, const LoaderServices& services);

}  // namespace ring3::module
