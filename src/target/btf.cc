// SPDX-License-Identifier: GPL-2.0-only
#include "target/btf.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cstring>
#include <iterator>

#include "target/btf_check.h"

namespace ring3::target {
namespace {

constexpr int kMaxDepth = 64;

bool is_modifier(unsigned kind) {
  return kind == BTF_KIND_TYPEDEF || kind == BTF_KIND_CONST || kind == BTF_KIND_VOLATILE ||
         kind == BTF_KIND_RESTRICT || kind == BTF_KIND_TYPE_TAG;
}

}  // namespace

Result<std::unique_ptr<Btf>> Btf::parse(Bytes blob, std::string source) {
  TRY(check_btf(blob, source));
  libbpf_set_print(nullptr);  // it would print to stderr; what is wrong is told by our errors
  auto self = std::unique_ptr<Btf>(new Btf);
  self->btf_ = btf__new(blob.data(), static_cast<uint32_t>(blob.size()));
  if (!self->btf_)
    return Error{errno,
                 fmt::format("{}: libbpf {}.{} cannot read its BTF: {}", source,
                             libbpf_major_version(), libbpf_minor_version(), std::strerror(errno))};
  self->source_ = std::move(source);
  self->count_ = btf__type_cnt(self->btf_);
  self->types_.resize(self->count_);
  for (TypeId id = 0; id < self->count_; id++) self->types_[id] = btf__type_by_id(self->btf_, id);
  return self;
}

Btf::~Btf() { btf__free(btf_); }

unsigned Btf::kind(TypeId id) const { return id == kVoid ? 0u : btf_kind(types_[id]); }

std::string_view Btf::name_at(uint32_t offset) const {
  const char* text = btf__name_by_offset(btf_, offset);
  return text ? text : std::string_view();
}

std::string_view Btf::name(TypeId id) const {
  return id == kVoid ? std::string_view() : name_at(types_[id]->name_off);
}

TypeId Btf::strip(TypeId id) const {
  for (int depth = 0; depth < kMaxDepth; depth++) {
    if (!is_modifier(kind(id))) return id;
    id = types_[id]->type;
  }
  return kVoid;
}

std::string_view Btf::tag(TypeId id) const {
  std::string_view alias;
  for (int depth = 0; depth < kMaxDepth && is_modifier(kind(id)); depth++) {
    if (kind(id) == BTF_KIND_TYPEDEF) alias = name(id);
    id = types_[id]->type;
  }
  return name(id).empty() ? alias : name(id);
}

std::optional<uint32_t> Btf::size(TypeId id) const {
  uint64_t elements = 1;
  for (int depth = 0; depth < kMaxDepth; depth++) {
    id = strip(id);
    if (kind(id) == BTF_KIND_ARRAY) {
      const struct btf_array* array = btf_array(types_[id]);
      elements *= array->nelems;
      if (elements > UINT32_MAX) return std::nullopt;
      id = array->type;
      continue;
    }
    uint64_t size = 0;
    switch (kind(id)) {
      case BTF_KIND_PTR:
        size = 8;
        break;
      case BTF_KIND_INT:
      case BTF_KIND_STRUCT:
      case BTF_KIND_UNION:
      case BTF_KIND_ENUM:
      case BTF_KIND_ENUM64:
      case BTF_KIND_FLOAT:
        size = types_[id]->size;
        break;
      default:
        return std::nullopt;
    }
    if (elements * size > UINT32_MAX) return std::nullopt;
    return static_cast<uint32_t>(elements * size);
  }
  return std::nullopt;
}

std::string Btf::canonical(TypeId id) const {
  std::string out;
  if (kind(id) == BTF_KIND_FUNC) id = types_[id]->type;
  add_canonical(id, out, 0);
  return out;
}

void Btf::add_canonical(TypeId declared, std::string& out, int depth) const {
  TypeId id = strip(declared);
  if (depth > kMaxDepth) return;
  const btf_type* type = types_[id];
  switch (kind(id)) {
    case BTF_KIND_PTR:
      out += "p(";
      add_pointee(type->type, out, depth + 1);
      out += ")";
      return;
    case BTF_KIND_INT:
      if (btf_int_encoding(type) & BTF_INT_BOOL) {
        fmt::format_to(std::back_inserter(out), "i{}b", type->size);
      } else if (type->size == 1) {
        out += "i1";
      } else {
        fmt::format_to(std::back_inserter(out), "i{}{}", type->size,
                       btf_int_encoding(type) & BTF_INT_SIGNED ? 's' : 'u');
      }
      return;
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
      // A packed enum of one byte has no sign to doubt: it is the i1 that our side writes.
      fmt::format_to(std::back_inserter(out), "i{}", type->size);
      if (type->size > 1) out += 'e';
      return;
    case BTF_KIND_FLOAT:
      fmt::format_to(std::back_inserter(out), "f{}", type->size);
      return;
    case BTF_KIND_ARRAY:
      fmt::format_to(std::back_inserter(out), "a{}[", btf_array(type)->nelems);
      add_canonical(btf_array(type)->type, out, depth + 1);
      out += "]";
      return;
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
      fmt::format_to(std::back_inserter(out), "s{}({})", type->size, tag(declared));
      return;
    case BTF_KIND_FWD:
      fmt::format_to(std::back_inserter(out), "s0({})", name(id));
      return;
    case BTF_KIND_FUNC_PROTO:  // only by itself; no field or parameter is a function
      if (depth == 0) add_function(id, out, depth);
      return;
    default:
      out += "v";
  }
}

void Btf::add_pointee(TypeId declared, std::string& out, int depth) const {
  TypeId id = strip(declared);
  switch (kind(id)) {
    case BTF_KIND_PTR:
      out += "p";
      return;
    case BTF_KIND_ARRAY:
      out += "a";
      return;
    case BTF_KIND_FUNC_PROTO:
      out += "fn";
      return;
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_FWD: {
      std::string_view text = tag(declared);
      out += text.empty() ? "v" : text;
      return;
    }
    default:
      add_canonical(id, out, depth);
  }
}

void Btf::add_function(TypeId prototype, std::string& out, int depth) const {
  const btf_type* type = types_[prototype];
  add_canonical(type->type, out, depth + 1);
  out += "(";
  const struct btf_param* parameter = btf_params(type);
  for (unsigned i = 0; i < btf_vlen(type); i++) {
    if (i) out += ",";
    if (parameter[i].type == kVoid && i + 1u == btf_vlen(type)) {
      out += "...";
    } else {
      add_canonical(parameter[i].type, out, depth + 1);
    }
  }
  out += ")";
}

}  // namespace ring3::target
