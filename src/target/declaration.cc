// SPDX-License-Identifier: GPL-2.0-only
// BTF told in C. A declarator is built from the name outwards, as C reads it: a pointer puts its
// star before what is there, an array or a function puts brackets behind it, and a pointer to one
// of those needs parentheses first. Parameters stand without their names, which BTF knows only for
// functions that the kernel defines in C.
#include <bpf/btf.h>
#include <fmt/format.h>

#include "target/btf.h"

namespace ring3::target {
namespace {

// Types visited for one declaration. The longest of the kernel's stays far below; damaged BTF may
// describe a tree of function pointers without end.
constexpr int kBudget = 1000;

const char* keyword(unsigned kind) {
  switch (kind) {
    case BTF_KIND_STRUCT:
      return "struct ";
    case BTF_KIND_UNION:
      return "union ";
    default:
      return "enum ";
  }
}

// "int" and "*x" -> "int *x"; "int" and "" -> "int".
std::string join(std::string_view left, std::string_view right) {
  return right.empty() ? std::string(left) : fmt::format("{} {}", left, right);
}

}  // namespace

std::string Btf::declaration(TypeId type, std::string_view name) const {
  if (kind(type) == BTF_KIND_FUNC || kind(type) == BTF_KIND_VAR) type = types_[type]->type;
  int budget = kBudget;
  return declare(type, std::string(name), budget);
}

std::string Btf::parameters(TypeId prototype, int& budget) const {
  const btf_type* type = types_[prototype];
  std::string out;
  for (unsigned i = 0; i < btf_vlen(type) && budget > 0; i++) {
    TypeId parameter = btf_params(type)[i].type;
    bool variadic = parameter == kVoid && i + 1u == btf_vlen(type);
    if (i) out += ", ";
    out += variadic ? "..." : declare(parameter, {}, budget);
  }
  return out.empty() ? "void" : out;
}

// `inner` is the declarator so far.
std::string Btf::declare(TypeId id, std::string inner, int& budget) const {
  if (budget-- <= 0) return join("/* too deep */", inner);
  const btf_type* type = types_[id];
  switch (kind(id)) {
    case BTF_KIND_UNKN:
      return join("void", inner);
    case BTF_KIND_PTR: {
      TypeId to = type->type;
      bool brackets = kind(to) == BTF_KIND_ARRAY || kind(to) == BTF_KIND_FUNC_PROTO;
      return declare(to, brackets ? fmt::format("(*{})", inner) : "*" + inner, budget);
    }
    case BTF_KIND_CONST:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_RESTRICT: {
      const char* word = kind(id) == BTF_KIND_CONST      ? "const"
                         : kind(id) == BTF_KIND_VOLATILE ? "volatile"
                                                         : "restrict";
      // A qualified pointer has the word behind its star, everything else before its type.
      if (kind(type->type) == BTF_KIND_PTR) return declare(type->type, join(word, inner), budget);
      return fmt::format("{} {}", word, declare(type->type, std::move(inner), budget));
    }
    case BTF_KIND_TYPE_TAG:
      return declare(type->type, std::move(inner), budget);
    case BTF_KIND_ARRAY: {
      const struct btf_array* array = btf_array(type);
      return declare(array->type, fmt::format("{}[{}]", inner, array->nelems), budget);
    }
    case BTF_KIND_FUNC_PROTO:
      return declare(type->type, fmt::format("{}({})", inner, parameters(id, budget)), budget);
    case BTF_KIND_FWD:
      return join(fmt::format("{}{}", btf_kflag(type) ? "union " : "struct ", name(id)), inner);
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
      return join(fmt::format("{}{}", keyword(kind(id)), name(id).empty() ? "{...}" : name(id)),
                  inner);
    default:
      return join(name(id), inner);  // INT, FLOAT, TYPEDEF
  }
}

}  // namespace ring3::target
