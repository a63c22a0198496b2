// SPDX-License-Identifier: GPL-2.0-only
// The types of one kernel, read through libbpf and told in two languages: the canonical text of
// base/encode.h, which is compared, and C, which is read by people.
//
// Looked through on the way: typedef, const, volatile, restrict, type tags. A struct without a tag
// goes by the typedef that names it (kuid_t, atomic_t), as C++ itself names such a type; that is
// how our prototypes, which write k::kuid_t, meet the target's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

struct btf;
struct btf_type;

namespace ring3::target {

using TypeId = uint32_t;
inline constexpr TypeId kVoid = 0;

class Btf {
 public:
  // Copies the blob. `source` is for errors and btf_source().
  static Result<std::unique_ptr<Btf>> parse(Bytes blob, std::string source);
  ~Btf();

  uint32_t type_count() const { return count_; }  // ids are 0 (void) to count - 1
  const btf_type* type(TypeId id) const { return types_[id]; }
  unsigned kind(TypeId id) const;  // BTF_KIND_*; UNKN for void
  std::string_view name_at(uint32_t offset) const;
  std::string_view name(TypeId id) const;
  const std::string& source() const { return source_; }

  // Through typedefs and qualifiers, to the type meant. Cycles (in damaged BTF only) end in void.
  TypeId strip(TypeId id) const;
  // In bytes; nothing for functions, void, forward declarations and what does not fit 32 bits.
  std::optional<uint32_t> size(TypeId id) const;

  // Of a type as a whole field or parameter; of a FUNC or FUNC_PROTO: "R(A,B,...)".
  std::string canonical(TypeId id) const;
  // "void *kmalloc_trace(struct kmem_cache *, gfp_t, size_t)".
  std::string declaration(TypeId type, std::string_view name) const;

 private:
  Btf() = default;
  void add_canonical(TypeId id, std::string& out, int depth) const;
  void add_pointee(TypeId id, std::string& out, int depth) const;
  void add_function(TypeId prototype, std::string& out, int depth) const;
  std::string declare(TypeId id, std::string inner, int& budget) const;
  std::string parameters(TypeId prototype, int& budget) const;
  // The tag, or for a nameless struct the typedef nearest to it on the way from `id`.
  std::string_view tag(TypeId id) const;

  struct btf* btf_ = nullptr;
  uint32_t count_ = 0;
  std::vector<const btf_type*> types_;
  std::string source_;
};

}  // namespace ring3::target
