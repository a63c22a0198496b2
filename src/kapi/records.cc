// SPDX-License-Identifier: GPL-2.0-only
// The table as the linker collected it: pointers between two symbols that the linker makes for any
// section whose name is a C identifier. Weak, so that a program without src/linux links as well.
#include "kapi/field.h"
#include "kapi/kapi.h"

extern "C" {
[[gnu::weak]] extern const ring3::kapi::Record* const __start_ring3_kapi[];
[[gnu::weak]] extern const ring3::kapi::Record* const __stop_ring3_kapi[];
}

namespace ring3::kapi {

const Record* const* records_begin() { return __start_ring3_kapi; }
const Record* const* records_end() { return __stop_ring3_kapi; }

namespace {
// Initialised before any FieldRecord's constructor can run, whatever the order of files is.
constinit FieldRecord* first_field = nullptr;
}  // namespace

FieldRecord::FieldRecord(const char* struct_name, const char* path, const char* type, uint64_t size,
                         bool optional, const char* file, int line)
    : struct_name(struct_name),
      path(path),
      type(type),
      size(size),
      optional(optional),
      file(file),
      line(line),
      next(first_field) {
  first_field = this;
}

FieldRecord* FieldRecord::first() { return first_field; }

}  // namespace ring3::kapi
