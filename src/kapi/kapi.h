// SPDX-License-Identifier: GPL-2.0-only
// The kernel API's table. The definition is the registration: one edit, in the file that has
// Linux's path, and nothing else is listed anywhere.
//
//   namespace ring3::kernel {
//   namespace {
//   KAPI(kfree, Real, void, (const void* object)) { heap().free(object); }
//   KAPI(ksize, Partial("gives the size asked for, not the bucket's"), size_t, (const void*
//   object)) {...} KAPI_VA(_printk, Real, int, (const char* format), arguments) { ... va_list
//   arguments ... } KAPI_ALIAS(__kmalloc_noprof, __kmalloc);         // another name for the
//   function above it KAPI_ASM(__fentry__, Real, ring3_fentry);        // a symbol of an assembly
//   file KDATA(jiffies, Real, unsigned long);             // kdata_jiffies() is a T*, once bound
//   KDATA_INIT(param_ops_int, Real, "kernel_param_ops", 0) { ... fill void* at, const Binding& ...
//   } KPERCPU(this_cpu_off, Real, unsigned long);      // percpu_this_cpu_off() is its offset
//   }
//   }
//
// KAPI makes the entry point (the stack realigned: modules keep it at 8 bytes, we need 16; a
// Crossing held), a Record, a pointer to it in the linker section ring3_kapi, and opens the body.
// The body of name is kapi_body_name, for calls from runtime code. All of it is static: the
// kernel's memcpy must never replace libc's. Several definitions of one name (in nested namespaces)
// are told apart by prototype: the one that equals the target's BTF is bound.
//
// Status: Real, Partial("lacks ...") or Stub("why doing nothing is right"). An empty note does not
// compile. Real must be earned by a conformance test.
//
// The definitions stand in an unnamed namespace inside ring3::kernel.
#pragma once

#include <cstdarg>
#include <cstdint>
#include <string_view>

#include "base/address.h"
#include "base/encode.h"
#include "kapi/crossing.h"

namespace ring3::kapi {

class Binding;

enum class Status : uint8_t { kReal, kPartial, kStub };
enum class Kind : uint8_t { kFunction, kAssembly, kData, kPerCpu };

struct StatusNote {
  Status status;
  const char* note;
};

namespace status {
// Never defined: calling one in a constant expression is the compile error.
void a_partial_needs_a_note_that_says_what_is_missing();
void a_stub_needs_a_note_that_says_why_doing_nothing_is_right();

consteval StatusNote Partial(const char* note) {
  if (!*note) a_partial_needs_a_note_that_says_what_is_missing();
  return {Status::kPartial, note};
}
consteval StatusNote Stub(const char* note) {
  if (!*note) a_stub_needs_a_note_that_says_why_doing_nothing_is_right();
  return {Status::kStub, note};
}
inline constexpr StatusNote Real{Status::kReal, ""};
}  // namespace status

struct DataShape {
  const char* struct_name;  // the size is this struct's in BTF, or
  uint64_t size;  // this many bytes when struct_name is null (or elements when both are given)
  void (*init)(void* at,
               const Binding& binding);  // null: zeros. Per-CPU: called for every CPU's copy
  const char* same_as = nullptr;  // another name for this exported datum, when the target has both
  const char* type = nullptr;     // canonical text (base/encode.h), where C++ knows the type
};

struct Record {
  const char* name;
  Kind kind;
  StatusNote status;
  const void* address;    // functions: the entry point. Data: null, it lives in module space
  const char* prototype;  // canonical text (base/encode.h); null for assembly and data
  const char* file;       // __FILE__
  int line;
  DataShape data;
  KernelAddress* bound;  // data and per-CPU: where the binding notes the address or offset
  // As the source spells them, for docs/api: "void *" and "(size_t size)"; of data the type, if
  // any.
  const char* result;
  const char* parameters;
};

// The record of a function that no module can name, but that a trace may end in: Linux's name for
// what the runtime does there. It is not part of the table.
constexpr Record unlisted(const char* name, Kind kind = Kind::kFunction,
                          const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  return {.name = name,
          .kind = kind,
          .status = status::Real,
          .address = nullptr,
          .prototype = nullptr,
          .file = file,
          .line = line,
          .data = {},
          .bound = nullptr,
          .result = nullptr,
          .parameters = nullptr};
}

// All records, in no useful order.
const Record* const* records_begin();
const Record* const* records_end();

// Entry points. `force_align_arg_pointer` realigns the stack and still finds stack arguments.
template <class F>
struct Entry;
template <class R, class... A>
struct Entry<R(A...)> {
  template <R (*Body)(A...) noexcept, const Record* R_>
  [[gnu::force_align_arg_pointer]] static R call(A... arguments) noexcept {
    Crossing crossing(R_);
    return Body(arguments...);
  }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wvarargs"
  template <R (*Body)(A..., va_list) noexcept, const Record* R_>
  [[gnu::force_align_arg_pointer]] static R call_variadic(A... arguments, ...) noexcept {
    Crossing crossing(R_);
    va_list list;
    __builtin_va_start(list, 0);
    if constexpr (std::is_void_v<R>) {
      Body(arguments..., list);
      __builtin_va_end(list);
    } else {
      R result = Body(arguments..., list);
      __builtin_va_end(list);
      return result;
    }
  }
#pragma GCC diagnostic pop
};

}  // namespace ring3::kapi

#define RING3_KAPI_UNPAREN(...) __VA_ARGS__
// The section holds pointers: records themselves may be padded by the compiler.
#define RING3_KAPI_LIST(name)                                                                    \
  [[gnu::used, gnu::retain,                                                                      \
    gnu::section("ring3_kapi")]] static const ::ring3::kapi::Record* const kapi_pointer_##name = \
      &kapi_record_##name

#define KAPI(name, status_, ret, params)                                                   \
  static ret kapi_body_##name params noexcept;                                             \
  extern const ::ring3::kapi::Record kapi_record_##name;                                   \
  static constexpr auto kapi_entry_##name =                                                \
      &::ring3::kapi::Entry<ret params>::call<&kapi_body_##name, &kapi_record_##name>;     \
  RING3_KAPI_RECORD(name, status_, (::ring3::encoded_function<ret params>), #ret, #params) \
  static ret kapi_body_##name params noexcept

#define KAPI_VA(name, status_, ret, params, list)                                                \
  static ret kapi_body_##name(RING3_KAPI_UNPAREN params, va_list list) noexcept;                 \
  extern const ::ring3::kapi::Record kapi_record_##name;                                         \
  static constexpr auto kapi_entry_##name =                                                      \
      &::ring3::kapi::Entry<ret params>::call_variadic<&kapi_body_##name, &kapi_record_##name>;  \
  RING3_KAPI_RECORD(name, status_, (::ring3::encoded_function<ret params, true>), #ret, #params) \
  static ret kapi_body_##name(RING3_KAPI_UNPAREN params, va_list list) noexcept

#define RING3_KAPI_RECORD(name_, status_, prototype_, result_, parameters_) \
  const ::ring3::kapi::Record kapi_record_##name_ = {                       \
      .name = #name_,                                                       \
      .kind = ::ring3::kapi::Kind::kFunction,                               \
      .status =                                                             \
          [] {                                                              \
            using namespace ::ring3::kapi::status;                          \
            return status_;                                                 \
          }(),                                                              \
      .address = reinterpret_cast<const void*>(kapi_entry_##name_),         \
      .prototype = RING3_KAPI_UNPAREN prototype_,                           \
      .file = __FILE__,                                                     \
      .line = __LINE__,                                                     \
      .data = {},                                                           \
      .bound = nullptr,                                                     \
      .result = result_,                                                    \
      .parameters = parameters_};                                           \
  RING3_KAPI_LIST(name_);

// A second name for the KAPI function defined above in the same file.
#define KAPI_ALIAS(alias, of)                                   \
  static const ::ring3::kapi::Record kapi_record_##alias = [] { \
    ::ring3::kapi::Record record = kapi_record_##of;            \
    record.name = #alias;                                       \
    record.line = __LINE__;                                     \
    return record;                                              \
  }();                                                          \
  RING3_KAPI_LIST(alias)

// An entry point written in assembly (register conventions of its own).
#define KAPI_ASM(name_, status_, symbol)                     \
  extern "C" const char symbol[];                            \
  static const ::ring3::kapi::Record kapi_record_##name_ = { \
      .name = #name_,                                        \
      .kind = ::ring3::kapi::Kind::kAssembly,                \
      .status =                                              \
          [] {                                               \
            using namespace ::ring3::kapi::status;           \
            return status_;                                  \
          }(),                                               \
      .address = symbol,                                     \
      .prototype = nullptr,                                  \
      .file = __FILE__,                                      \
      .line = __LINE__,                                      \
      .data = {},                                            \
      .bound = nullptr,                                      \
      .result = nullptr,                                     \
      .parameters = nullptr};                                \
  RING3_KAPI_LIST(name_)

#define RING3_KAPI_DATA(name_, kind_, status_, type_, ...)   \
  static ::ring3::KernelAddress kapi_bound_##name_;          \
  static const ::ring3::kapi::Record kapi_record_##name_ = { \
      .name = #name_,                                        \
      .kind = ::ring3::kapi::Kind::kind_,                    \
      .status =                                              \
          [] {                                               \
            using namespace ::ring3::kapi::status;           \
            return status_;                                  \
          }(),                                               \
      .address = nullptr,                                    \
      .prototype = nullptr,                                  \
      .file = __FILE__,                                      \
      .line = __LINE__,                                      \
      .data = {__VA_ARGS__},                                 \
      .bound = &kapi_bound_##name_,                          \
      .result = type_,                                       \
      .parameters = nullptr};                                \
  RING3_KAPI_LIST(name_)

// Exported data of a type that is the same in every target; starts as zeros.
#define KDATA(name, status_, ...)                                                            \
  RING3_KAPI_DATA(name, kData, status_, #__VA_ARGS__, nullptr, sizeof(__VA_ARGS__), nullptr, \
                  nullptr, ::ring3::encoded_type<__VA_ARGS__>);                              \
  [[maybe_unused]] static __VA_ARGS__* kdata_##name() {                                      \
    return kapi_bound_##name.as<__VA_ARGS__>();                                              \
  }                                                                                          \
  static_assert(true)

// Exported data whose size is that of a struct in BTF (times count when that is not 0), or `count`
// bytes when struct_name is null; the body that follows fills it in at boot.
#define KDATA_INIT(name, status_, struct_name, count)                                    \
  static void kapi_init_##name(void* at, const ::ring3::kapi::Binding& binding);         \
  RING3_KAPI_DATA(name, kData, status_, nullptr, struct_name, count, &kapi_init_##name); \
  [[maybe_unused]] static void* kdata_##name() { return kapi_bound_##name.as<void>(); }  \
  static void kapi_init_##name([[maybe_unused]] void* at,                                \
                               [[maybe_unused]] const ::ring3::kapi::Binding& binding)

// A per-CPU variable; percpu_name() is its offset from %gs. _INIT fills each CPU's copy.
#define KPERCPU(name, status_, ...)                                                            \
  RING3_KAPI_DATA(name, kPerCpu, status_, #__VA_ARGS__, nullptr, sizeof(__VA_ARGS__), nullptr, \
                  nullptr, ::ring3::encoded_type<__VA_ARGS__>);                                \
  [[maybe_unused]] static uint64_t percpu_##name() { return kapi_bound_##name.value; }         \
  static_assert(true)
// A second name for the datum `of` (the linker scripts of Linux make such aliases), or the only one
// in a target that does not export `of`; __VA_ARGS__ is the type.
#define KDATA_ALIAS(alias, of, status_, ...)                                                       \
  RING3_KAPI_DATA(alias, kData, status_, #__VA_ARGS__, nullptr, sizeof(__VA_ARGS__), nullptr, #of, \
                  ::ring3::encoded_type<__VA_ARGS__>)
#define KPERCPU_ALIAS(alias, of, status_, struct_name) \
  RING3_KAPI_DATA(alias, kPerCpu, status_, nullptr, struct_name, 0, nullptr, #of)
#define KPERCPU_INIT(name, status_, struct_name, count)                                    \
  static void kapi_init_##name(void* at, const ::ring3::kapi::Binding& binding);           \
  RING3_KAPI_DATA(name, kPerCpu, status_, nullptr, struct_name, count, &kapi_init_##name); \
  [[maybe_unused]] static uint64_t percpu_##name() { return kapi_bound_##name.value; }     \
  static void kapi_init_##name([[maybe_unused]] void* at,                                  \
                               [[maybe_unused]] const ::ring3::kapi::Binding& binding)
