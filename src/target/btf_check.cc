// SPDX-License-Identifier: GPL-2.0-only
#include "target/btf_check.h"

#include <fmt/format.h>
#include <linux/btf.h>

namespace ring3::target {
namespace {

// What follows the 12 bytes of a type: `fixed` bytes, then vlen items of `item` bytes; where ids
// and names stand in an item (a byte offset, or -1); whether size_or_type is an id.
struct Shape {
  uint32_t fixed;
  uint32_t item;
  int id_at;
  int name_at;
  bool refers;
};
constexpr Shape kShapes[] = {
    //                    fixed item id name refers
    /* UNKN       */ {0, 0, -1, -1, false},
    /* INT        */ {4, 0, -1, -1, false},
    /* PTR        */ {0, 0, -1, -1, true},
    /* ARRAY      */ {12, 0, -1, -1, false},
    /* STRUCT     */ {0, 12, 4, 0, false},
    /* UNION      */ {0, 12, 4, 0, false},
    /* ENUM       */ {0, 8, -1, 0, false},
    /* FWD        */ {0, 0, -1, -1, false},
    /* TYPEDEF    */ {0, 0, -1, -1, true},
    /* VOLATILE   */ {0, 0, -1, -1, true},
    /* CONST      */ {0, 0, -1, -1, true},
    /* RESTRICT   */ {0, 0, -1, -1, true},
    /* FUNC       */ {0, 0, -1, -1, true},
    /* FUNC_PROTO */ {0, 8, 4, 0, true},
    /* VAR        */ {4, 0, -1, -1, true},
    /* DATASEC    */ {0, 12, 0, -1, false},
    /* FLOAT      */ {0, 0, -1, -1, false},
    /* DECL_TAG   */ {4, 0, -1, -1, true},
    /* TYPE_TAG   */ {0, 0, -1, -1, true},
    /* ENUM64     */ {0, 12, -1, 0, false},
};
constexpr uint32_t kKinds = sizeof(kShapes) / sizeof(kShapes[0]);

uint32_t word(Bytes bytes, uint64_t offset) { return *read_at<uint32_t>(bytes, offset); }

class Checker {
 public:
  Checker(Bytes types, Bytes strings, std::string_view file)
      : types_(types), strings_(strings), file_(file) {}

  Result<void> run() {
    TRY(count_types());
    uint32_t id = 1;
    for (uint64_t at = 0; at < types_.size(); id++) {
      btf_type type = *read_at<btf_type>(types_, at);
      uint32_t kind = BTF_INFO_KIND(type.info), items = BTF_INFO_VLEN(type.info);
      const Shape& shape = kShapes[kind];
      uint64_t behind = at + sizeof(btf_type);
      if (!good_name(type.name_off)) return bad(id, at, "its name lies outside the strings");
      if (shape.refers && !good_id(type.type)) return bad(id, at, "it refers to no type");
      if (kind == BTF_KIND_ARRAY &&
          (!good_id(word(types_, behind)) || !good_id(word(types_, behind + 4))))
        return bad(id, at, "its element or index is no type");
      for (uint64_t item = behind + shape.fixed, end = item + items * shape.item; item < end;
           item += shape.item) {
        if (shape.id_at >= 0 && !good_id(word(types_, item + shape.id_at)))
          return bad(id, at, "a member refers to no type");
        if (shape.name_at >= 0 && !good_name(word(types_, item + shape.name_at)))
          return bad(id, at, "a member's name lies outside the strings");
      }
      at = behind + shape.fixed + uint64_t{items} * shape.item;
    }
    return {};
  }

 private:
  Result<void> count_types() {
    for (uint64_t at = 0; at < types_.size(); count_++) {
      auto type = read_at<btf_type>(types_, at);
      if (!type) return bad(count_, at, "it is cut off");
      uint32_t kind = BTF_INFO_KIND(type->info);
      if (kind == BTF_KIND_UNKN || kind >= kKinds)
        return Error{ENOTSUP,
                     fmt::format("{}: BTF type {} (offset {:#x}) is of kind {}, which this version "
                                 "of Ring 3 does not know (kinds 1 to {})",
                                 file_, count_, at, kind, kKinds - 1)};
      uint64_t size = sizeof(btf_type) + kShapes[kind].fixed +
                      uint64_t{BTF_INFO_VLEN(type->info)} * kShapes[kind].item;
      if (!slice(types_, at, size)) return bad(count_, at, "it is cut off");
      at += size;
    }
    return {};
  }
  bool good_id(uint32_t id) const { return id < count_; }
  bool good_name(uint32_t offset) const { return offset < strings_.size(); }
  Error bad(uint32_t id, uint64_t at, std::string_view why) const {
    return Error{EINVAL, fmt::format("{}: BTF type {} (offset {:#x}): {}", file_, id, at, why)};
  }

  Bytes types_, strings_;
  std::string_view file_;
  uint32_t count_ = 1;  // id 0 is void
};

}  // namespace

Result<void> check_btf(Bytes btf, std::string_view file_name) {
  auto bad = [&](std::string_view why) {
    return Error{EINVAL, fmt::format("{}: .BTF: {}", file_name, why)};
  };
  auto header = read_at<btf_header>(btf, 0);
  if (!header) return bad("shorter than its header");
  if (header->magic != BTF_MAGIC) return bad("wrong magic number");
  if (header->version != BTF_VERSION)
    return bad(fmt::format("version {}, not {}", header->version, BTF_VERSION));
  if (header->hdr_len < sizeof(btf_header)) return bad("its header is too short");
  auto types = slice(btf, uint64_t{header->hdr_len} + header->type_off, header->type_len);
  auto strings = slice(btf, uint64_t{header->hdr_len} + header->str_off, header->str_len);
  if (!types || header->type_off % 4) return bad("its types lie outside it");
  if (!strings) return bad("its strings lie outside it");
  if (strings->empty() || strings->front() != std::byte{} || strings->back() != std::byte{})
    return bad("its strings do not begin and end with NUL");
  return Checker(*types, *strings, file_name).run();
}

}  // namespace ring3::target
