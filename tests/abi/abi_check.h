// SPDX-License-Identifier: GPL-2.0-only
// The table of the kernel API against kernels: what modules that were built for them would find
// different from what their headers promised. All findings come together, each with the name (or
// struct and field), the kernel and the definition's place.
//
//   - of a name that a kernel exports, exactly one definition fits it: the prototype equals that of
//     its BTF; what BTF leaves open (assembly, data) is compared with the headers
//   - every definition is used for some kernel
//   - every field exists with a compatible type in every kernel, or is declared optional and exists
//     in some
#pragma once

#include <span>
#include <string>
#include <vector>

#include "abi/header_types.h"
#include "kapi/field.h"
#include "kapi/kapi.h"
#include "target/target.h"

namespace ring3::abi {

struct Table {
  std::vector<const kapi::Record*> records;
  std::vector<const kapi::FieldRecord*> fields;
};
// What this program was linked with.
Table whole_table();
// The names of which the kernel's BTF has no prototype: data, and what is assembly there.
std::vector<std::string_view> open_names(const Table& table, const target::Target& target);

struct Kernel {
  const target::Target* target;
  HeaderTypes headers;
};

std::vector<std::string> findings(const Table& table, std::span<const Kernel> kernels);
// Data whose type is not checked, because no kernel's headers declare it.
std::vector<std::string> undeclared_data(const Table& table, std::span<const Kernel> kernels);

}  // namespace ring3::abi
