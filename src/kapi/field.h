// SPDX-License-Identifier: GPL-2.0-only
// Struct members whose place is known only at run time. A field is declared once, beside its first
// use:
//
//   KFIELD(work_struct, func, void (*)(k::work_struct*));     // work_struct_func(w) is a reference
//   KFIELD_MAYBE(module, its_page_array, void**);             // has_module_its_page_array()
//   KFIELD_PATH(module, core_layout.base, core_base, void*);  // a member of a member:
//   module_core_base(m) KSIZE(task_struct);                                       //
//   sizeof_task_struct()
//
// Offsets are bound once per target, before any module loads; every mismatch is reported together:
// struct, field, target. k::work_struct is an incomplete tag, so nobody writes a member by a
// guessed offset, and pointers to different structs do not mix.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/encode.h"

namespace ring3::target {
class Target;
}

namespace ring3::kapi {

// One declared field or size. They link themselves into a list when the program starts.
struct FieldRecord {
  const char* struct_name;
  const char* path;  // null: the size of the struct
  const char* type;  // canonical text, checked against BTF; null: only the size is checked
  uint64_t size;     // sizeof the C++ type; 0 for sizes
  bool optional;
  const char* file;
  int line;

  uint64_t offset = 0;  // bound; for sizes, the size
  bool present = false;
  FieldRecord* next = nullptr;

  FieldRecord(const char* struct_name, const char* path, const char* type, uint64_t size,
              bool optional, const char* file, int line);
  static FieldRecord* first();
};

// Where a target has a field (of a size: how big it is), and what is wrong with it there: a member
// that is missing without being optional, or not what was declared. Binds nothing.
struct FieldPlace {
  bool present = false;
  uint64_t offset = 0;
  std::string problem;
};
FieldPlace find_field(const FieldRecord& field, const target::Target& target);

}  // namespace ring3::kapi

#define RING3_FIELD(struct_, path_, name_, optional_, ...)                                         \
  inline ::ring3::kapi::FieldRecord kfield_##struct_##_##name_{                                    \
      #struct_, #path_,  ::ring3::encoded_type<__VA_ARGS__>, sizeof(__VA_ARGS__), optional_,       \
      __FILE__, __LINE__};                                                                         \
  [[maybe_unused]] inline std::add_lvalue_reference_t<__VA_ARGS__> struct_##_##name_(              \
      const void* object) {                                                                        \
    return *reinterpret_cast<std::add_pointer_t<__VA_ARGS__>>(reinterpret_cast<uint64_t>(object) + \
                                                              kfield_##struct_##_##name_.offset);  \
  }                                                                                                \
  [[maybe_unused]] inline bool has_##struct_##_##name_() {                                         \
    return kfield_##struct_##_##name_.present;                                                     \
  }                                                                                                \
  static_assert(true)

#define KFIELD(struct_, name_, ...) RING3_FIELD(struct_, name_, name_, false, __VA_ARGS__)
#define KFIELD_MAYBE(struct_, name_, ...) RING3_FIELD(struct_, name_, name_, true, __VA_ARGS__)
#define KFIELD_PATH(struct_, path_, name_, ...) \
  RING3_FIELD(struct_, path_, name_, false, __VA_ARGS__)
#define KFIELD_PATH_MAYBE(struct_, path_, name_, ...) \
  RING3_FIELD(struct_, path_, name_, true, __VA_ARGS__)

// Where a member of struct type lies, when only its address is wanted: struct_name(object) is a
// void*.
#define KPLACE(struct_, path_, name_)                                                          \
  inline ::ring3::kapi::FieldRecord kfield_##struct_##_##name_{#struct_, #path_,   nullptr, 0, \
                                                               false,    __FILE__, __LINE__};  \
  [[maybe_unused]] inline void* struct_##_##name_(const void* object) {                        \
    return reinterpret_cast<void*>(reinterpret_cast<uint64_t>(object) +                        \
                                   kfield_##struct_##_##name_.offset);                         \
  }                                                                                            \
  static_assert(true)

// The same for a member that some targets lack: has_struct_name() says whether this one has it.
#define KPLACE_MAYBE(struct_, path_, name_)                                                    \
  inline ::ring3::kapi::FieldRecord kfield_##struct_##_##name_{#struct_, #path_,   nullptr, 0, \
                                                               true,     __FILE__, __LINE__};  \
  [[maybe_unused]] inline void* struct_##_##name_(const void* object) {                        \
    return reinterpret_cast<void*>(reinterpret_cast<uint64_t>(object) +                        \
                                   kfield_##struct_##_##name_.offset);                         \
  }                                                                                            \
  [[maybe_unused]] inline bool has_##struct_##_##name_() {                                     \
    return kfield_##struct_##_##name_.present;                                                 \
  }                                                                                            \
  static_assert(true)

#define KSIZE_MAYBE(struct_)                                                                \
  inline ::ring3::kapi::FieldRecord ksize_of_##struct_{#struct_, nullptr,  nullptr, 0,      \
                                                       true,     __FILE__, __LINE__};       \
  [[maybe_unused]] inline uint64_t sizeof_##struct_() { return ksize_of_##struct_.offset; } \
  static_assert(true)

#define KSIZE(struct_)                                                                      \
  inline ::ring3::kapi::FieldRecord ksize_of_##struct_{#struct_, nullptr,  nullptr, 0,      \
                                                       false,    __FILE__, __LINE__};       \
  [[maybe_unused]] inline uint64_t sizeof_##struct_() { return ksize_of_##struct_.offset; } \
  static_assert(true)
