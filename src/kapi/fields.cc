// SPDX-License-Identifier: GPL-2.0-only
// Binding declared struct members (kapi/field.h) to a target's BTF, all mismatches reported
// together.
#include <fmt/format.h>

#include "kapi/binding.h"
#include "kapi/field.h"

namespace ring3::kapi {

FieldPlace find_field(const FieldRecord& field, const target::Target& target) {
  if (!field.path) {
    if (auto size = target.size_of(field.struct_name)) return {true, *size, ""};
    if (field.optional) return {};
    return {.problem = fmt::format("struct {}: not in the target's BTF", field.struct_name)};
  }
  auto found = target.field(field.struct_name, field.path);
  if (!found && field.optional) return {};
  if (!found)
    return {.problem = fmt::format("struct {} has no member {}", field.struct_name, field.path)};
  if (found->bit_size)
    return {.problem = fmt::format("struct {}: {} is a bit field", field.struct_name, field.path)};
  if (field.type && found->size != field.size)
    return {.problem = fmt::format("struct {}: {} has {} bytes, ours has {}", field.struct_name,
                                   field.path, found->size, field.size)};
  if (field.type && !same_type(field.type, found->type))
    return {.problem = fmt::format("struct {}: {} is {}, ours is {}", field.struct_name, field.path,
                                   found->type, field.type)};
  return {true, found->offset, ""};
}

Result<void> Binding::bind_fields() {
  std::string problems;
  for (FieldRecord* field = FieldRecord::first(); field; field = field->next) {
    FieldPlace place = find_field(*field, target_);
    field->present = place.present;
    field->offset = place.offset;
    if (place.problem.empty()) continue;
    problems += fmt::format("\n  {} (declared at {}:{})", place.problem, field->file, field->line);
  }
  if (problems.empty()) return {};
  return Error{
      EINVAL, fmt::format("the kernel API does not fit target {}:{}", target_.release(), problems)};
}

}  // namespace ring3::kapi
