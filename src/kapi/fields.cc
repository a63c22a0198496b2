// SPDX-License-Identifier: GPL-2.0-only
// Binding declared struct members (kapi/field.h) to a target's BTF, all mismatches reported
// together.
#include <fmt/format.h>

#include "kapi/binding.h"
#include "kapi/field.h"

namespace ring3::kapi {
namespace {

// What is wrong with a field in this target; empty when it fits. Notes the offset.
std::string bind_field(FieldRecord& field, const target::Target& target) {
  field.present = false;
  field.offset = 0;
  if (!field.path) {
    auto size = target.size_of(field.struct_name);
    if (!size && field.optional) return "";
    if (!size) return fmt::format("struct {}: not in the target's BTF", field.struct_name);
    field.offset = *size;
    field.present = true;
    return "";
  }
  auto found = target.field(field.struct_name, field.path);
  if (!found)
    return field.optional
               ? ""
               : fmt::format("struct {} has no member {}", field.struct_name, field.path);
  if (found->bit_size)
    return fmt::format("struct {}: {} is a bit field", field.struct_name, field.path);
  if (field.type && found->size != field.size)
    return fmt::format("struct {}: {} has {} bytes, ours has {}", field.struct_name, field.path,
                       found->size, field.size);
  if (field.type && !same_type(field.type, found->type))
    return fmt::format("struct {}: {} is {}, ours is {}", field.struct_name, field.path,
                       found->type, field.type);
  field.offset = found->offset;
  field.present = true;
  return "";
}

}  // namespace

Result<void> Binding::bind_fields() {
  std::string problems;
  for (FieldRecord* field = FieldRecord::first(); field; field = field->next) {
    std::string problem = bind_field(*field, target_);
    if (problem.empty()) continue;
    problems += fmt::format("\n  {} (declared at {}:{})", problem, field->file, field->line);
  }
  if (problems.empty()) return {};
  return Error{
      EINVAL, fmt::format("the kernel API does not fit target {}:{}", target_.release(), problems)};
}

}  // namespace ring3::kapi
