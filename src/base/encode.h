// SPDX-License-Identifier: GPL-2.0-only
// The canonical text of a C type, made from C++ types here and from BTF in src/target, so that "is
// this our function's prototype?" is a comparison of two strings.
//
//   v            void
//   iNs iNu      an integer of N > 1 bytes, signed or unsigned
//   i1 i1b       a one-byte integer of either sign (char's sign is the compiler's choice); _Bool
//   iNe          an enum as BTF tells it; matches iNs and iNu (ours are written as integers)
//   fN           floating point
//   p(X)         a pointer; X is a struct or union tag, or v for void and for everything unnamed
//   that
//                is not worth telling apart: p(i4s), p(p), p(fn). const and volatile are dropped
//   sN(tag)      a struct or union by value, N bytes; tag is empty for an anonymous one
//   aN[T]        an array of N elements of T, whole fields only (parameters decay to pointers)
//   R(A,B,...)   a function; a C variadic ends in "..."
//
// Examples: _printk is "i4s(p(i1),...)", kfree is "v(p(v))",
// queue_work_on is "i1b(i4s,p(workqueue_struct),p(work_struct))".
//
// Pointers to integers keep the integer (p(i4u)), pointers to pointers are p(p), pointers to
// functions p(fn), pointers to arrays p(a). Typedefs are looked through; an enum is an integer.
// A function type in C++ names struct tags through the incomplete types of namespace k.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace ring3 {
namespace encode_detail {

// A string builder for constant expressions. 512 is far beyond the longest kernel prototype.
struct Text {
  char data[512] = {};
  size_t size = 0;
  constexpr void add(std::string_view text) {
    for (char c : text) data[size++] = c;
  }
  constexpr void add_number(size_t n) {
    char digits[20] = {};
    int count = 0;
    do {
      digits[count++] = static_cast<char>('0' + n % 10);
    } while (n /= 10);
    while (count) data[size++] = digits[--count];
  }
  constexpr std::string_view view() const { return {data, size}; }
};

// The unqualified name of a struct tag ("ring3::k::work_struct" -> "work_struct").
template <class T>
constexpr std::string_view tag() {
  std::string_view text = __PRETTY_FUNCTION__;
  size_t begin = text.find("T = ") + 4;
  size_t end = text.find_first_of(";]", begin);
  std::string_view name = text.substr(begin, end - begin);
  size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

template <class T>
constexpr void add_type(Text& out);

template <class T>
constexpr void add_pointee(Text& out) {
  using U = std::remove_cv_t<T>;
  if constexpr (std::is_void_v<U>) {
    out.add("v");
  } else if constexpr (std::is_pointer_v<U>) {
    out.add("p");
  } else if constexpr (std::is_function_v<U>) {
    out.add("fn");
  } else if constexpr (std::is_array_v<U>) {
    out.add("a");
  } else if constexpr (std::is_class_v<U> || std::is_union_v<U>) {
    out.add(tag<U>());
  } else {
    add_type<U>(out);
  }
}

template <class T>
constexpr void add_type(Text& out) {
  using U = std::remove_cv_t<T>;
  if constexpr (std::is_void_v<U>) {
    out.add("v");
  } else if constexpr (std::is_pointer_v<U>) {
    out.add("p(");
    add_pointee<std::remove_pointer_t<U>>(out);
    out.add(")");
  } else if constexpr (std::is_same_v<U, bool>) {
    out.add("i1b");
  } else if constexpr (std::is_enum_v<U>) {
    add_type<std::underlying_type_t<U>>(out);
  } else if constexpr (std::is_integral_v<U>) {
    out.add("i");
    out.add_number(sizeof(U));
    if (sizeof(U) > 1) out.add(std::is_signed_v<U> ? "s" : "u");
  } else if constexpr (std::is_array_v<U>) {
    out.add("a");
    out.add_number(std::extent_v<U>);
    out.add("[");
    add_type<std::remove_extent_t<U>>(out);
    out.add("]");
  } else {
    static_assert(std::is_class_v<U> || std::is_union_v<U>,
                  "a kernel prototype cannot have this type");
    out.add("s");
    out.add_number(sizeof(U));
    out.add("(");
    out.add(tag<U>());
    out.add(")");
  }
}

template <class F>
struct Function;
template <class R, class... A>
struct Function<R(A...)> {
  static constexpr void add(Text& out, bool variadic) {
    add_type<R>(out);
    out.add("(");
    bool first = true;
    ((out.add(first ? "" : ","), first = false, add_type<A>(out)), ...);
    if (variadic) out.add(first ? "..." : ",...");
    out.add(")");
  }
};
template <class R, class... A>
struct Function<R(A...) noexcept> : Function<R(A...)> {};

template <class F, bool kVariadic>
struct EncodedFunction {
  static constexpr Text text = [] {
    Text out;
    Function<F>::add(out, kVariadic);
    return out;
  }();
};
template <class T>
struct EncodedType {
  static constexpr Text text = [] {
    Text out;
    add_type<T>(out);
    return out;
  }();
};
}  // namespace encode_detail

// The canonical text of a type, and of a function type R(A...) with or without C variadics.
template <class T>
constexpr const char* encoded_type = encode_detail::EncodedType<T>::text.data;
template <class F, bool kVariadic = false>
constexpr const char* encoded_function = encode_detail::EncodedFunction<F, kVariadic>::text.data;

// Do two canonical texts mean the same type? Equal, but for enums (iNe) against integers.
constexpr bool same_type(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); i++) {
    if (a[i] == b[i]) continue;
    bool sign = (a[i] == 'e' || b[i] == 'e') && i > 0 && a[i - 1] >= '0' && a[i - 1] <= '9';
    if (!sign) return false;
  }
  return true;
}

}  // namespace ring3
