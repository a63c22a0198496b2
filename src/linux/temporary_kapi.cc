// SPDX-License-Identifier: GPL-2.0-only
// Until src/kapi arrives: weak stand-ins so that this layer links.
#include "kapi/crossing.h"
#include "kapi/field.h"

extern "C" [[gnu::weak]] void ring3_take_pending_interrupt() {}

namespace ring3::kapi {
static FieldRecord* first_field;
[[gnu::weak]] FieldRecord::FieldRecord(const char* struct_name, const char* path, const char* type,
                                       uint64_t size, bool optional, const char* file, int line)
    : struct_name(struct_name), path(path), type(type), size(size), optional(optional), file(file), line(line), next(first_field) {
  first_field = this;
}
}  // namespace ring3::kapi
