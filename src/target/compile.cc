// SPDX-License-Identifier: GPL-2.0-only
// From BTF and symvers to flat records. Where the kernel has several things of one name (structs,
// enumerators and static functions of different files), modules mean the one that the exported
// interface speaks of: the candidate nearest to an exported function in the graph of types.
#include "target/compile.h"

#include <bpf/btf.h>
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "target/format.h"
#include "target/probe.h"

namespace ring3::target {
namespace {

// Flattening multiplies what damaged BTF nests; the largest real kernels have a tenth of this.
constexpr size_t kMaxMembers = 4'000'000;
constexpr int kMaxNesting = 32;

class Strings {
 public:
  uint32_t add(std::string_view text) {
    if (text.empty()) return 0;
    if ((used_ + 1) * 2 > slots_.size()) grow();
    size_t slot = find(text);
    if (slots_[slot]) return slots_[slot];
    used_++;
    uint32_t offset = static_cast<uint32_t>(bytes_.size());
    if (text.size() < 255) {
      bytes_.push_back(static_cast<char>(text.size()));
    } else {
      uint32_t size = static_cast<uint32_t>(text.size());
      bytes_.push_back(static_cast<char>(255));
      bytes_.append(reinterpret_cast<const char*>(&size), 4);
    }
    bytes_.append(text);
    return slots_[slot] = offset;
  }
  std::string_view at(uint32_t offset) const {
    uint8_t length = static_cast<uint8_t>(bytes_[offset]);
    if (length < 255) return std::string_view(bytes_).substr(offset + 1, length);
    uint32_t size;
    std::memcpy(&size, bytes_.data() + offset + 1, 4);
    return std::string_view(bytes_).substr(offset + 5, size);
  }
  std::string_view bytes() const { return bytes_; }

 private:
  size_t find(std::string_view text) const {
    size_t slot = format::hash_name(text) & (slots_.size() - 1);
    while (slots_[slot] && at(slots_[slot]) != text) slot = (slot + 1) & (slots_.size() - 1);
    return slot;
  }
  void grow() {
    std::vector<uint32_t> old(slots_.size() * 2);
    old.swap(slots_);
    for (uint32_t offset : old)
      if (offset) slots_[find(at(offset))] = offset;
  }
  std::string bytes_ = std::string(1, '\0');  // the empty text
  std::vector<uint32_t> slots_ = std::vector<uint32_t>(1 << 16);
  size_t used_ = 0;
};

// How far each type is from the exported functions; UINT32_MAX where none leads to it.
std::vector<uint32_t> distances(const Btf& btf, const std::vector<TypeId>& roots) {
  std::vector<uint32_t> distance(btf.type_count(), UINT32_MAX);
  std::vector<TypeId> queue;
  auto reach = [&](TypeId id, uint32_t at) {
    if (id == kVoid || distance[id] != UINT32_MAX) return;
    distance[id] = at;
    queue.push_back(id);
  };
  for (TypeId root : roots) reach(root, 0);
  for (size_t i = 0; i < queue.size(); i++) {
    TypeId id = queue[i];
    const btf_type* type = btf.type(id);
    uint32_t next = distance[id] + 1;
    switch (btf.kind(id)) {
      case BTF_KIND_ARRAY:
        reach(btf_array(type)->type, next);
        break;
      case BTF_KIND_STRUCT:
      case BTF_KIND_UNION:
        for (unsigned m = 0; m < btf_vlen(type); m++) reach(btf_members(type)[m].type, next);
        break;
      case BTF_KIND_FUNC_PROTO:
        reach(type->type, next);
        for (unsigned p = 0; p < btf_vlen(type); p++) reach(btf_params(type)[p].type, next);
        break;
      case BTF_KIND_PTR:
      case BTF_KIND_TYPEDEF:
      case BTF_KIND_CONST:
      case BTF_KIND_VOLATILE:
      case BTF_KIND_RESTRICT:
      case BTF_KIND_TYPE_TAG:
      case BTF_KIND_FUNC:
      case BTF_KIND_VAR:
        reach(type->type, next);
        break;
      default:
        break;
    }
  }
  return distance;
}

class Compiler {
 public:
  explicit Compiler(const Sources& sources) : sources_(sources), btf_(sources.btf) {}

  Result<std::vector<std::byte>> run() {
    add_inputs_and_facts();
    index_names();
    TRY(add_aggregates());
    add_types();
    add_enumerators();
    add_functions();
    add_exports();
    for (const auto& [name, value] : sources_.config.options())
      config_.push_back({strings_.add(name), strings_.add(value)});
    for (const CpuFeature& feature : sources_.cpu_features)
      cpu_features_.push_back({strings_.add(feature.name), feature.number});
    for (const auto& [name, version] : sources_.builtin)
      builtin_.push_back({strings_.add(name), strings_.add(version)});
    return write();
  }

 private:
  void add_inputs_and_facts() {
    for (const InputState& input : sources_.inputs) {
      format::Input out{strings_.add(input.path), input.exists, {}, {}};
      format::split64(input.size, out.size);
      format::split64(input.stamp, out.stamp);
      inputs_.push_back(out);
    }
    facts_ = {strings_.add(sources_.release), strings_.add(sources_.vermagic),
              strings_.add(sources_.kdir), strings_.add(sources_.btf_source),
              strings_.add(sources_.banner)};
  }

  // Prototypes and types of data by name. Of several functions of one name, the one that says more
  // than "v()", which is what assembly beside a C version is given.
  void index_names() {
    for (TypeId id = 1; id < btf_.type_count(); id++) {
      const btf_type* type = btf_.type(id);
      if (btf_.kind(id) == BTF_KIND_VAR) data_.try_emplace(btf_.name(id), type->type);
      if (btf_.kind(id) == BTF_KIND_STRUCT && btf_.name(id) == kProbeStruct) add_probe(type);
      if (btf_.kind(id) != BTF_KIND_FUNC || btf_.kind(type->type) != BTF_KIND_FUNC_PROTO) continue;
      auto [known, fresh] = prototypes_.try_emplace(btf_.name(id), type->type);
      if (!fresh && btf_.canonical(known->second) == "v()") known->second = type->type;
    }
    std::vector<TypeId> roots;
    for (const SymversLine& line : sources_.exports)
      if (line.module == "vmlinux")
        if (auto found = prototypes_.find(line.name); found != prototypes_.end())
          roots.push_back(found->second);
    distance_ = distances(btf_, roots);
  }

  void add_probe(const btf_type* type) {
    for (unsigned i = 0; i < btf_vlen(type); i++) {
      TypeId pointer = btf_.strip(btf_members(type)[i].type);
      if (btf_.kind(pointer) != BTF_KIND_PTR) continue;
      TypeId to = btf_.type(pointer)->type;
      bool function = btf_.kind(btf_.strip(to)) == BTF_KIND_FUNC_PROTO;
      (function ? prototypes_ : data_)
          .try_emplace(btf_.name_at(btf_members(type)[i].name_off), function ? btf_.strip(to) : to);
    }
  }

  bool is_aggregate(TypeId id) const {
    return btf_.kind(id) == BTF_KIND_STRUCT || btf_.kind(id) == BTF_KIND_UNION;
  }

  Result<void> add_aggregates() {
    aggregate_of_.assign(btf_.type_count(), format::kNone);
    uint32_t count = 0;
    for (TypeId id = 1; id < btf_.type_count(); id++)
      if (is_aggregate(id)) aggregate_of_[id] = count++;
    for (TypeId id = 1; id < btf_.type_count(); id++) {
      if (!is_aggregate(id)) continue;
      size_t first = members_.size();
      TRY(add_members(id, id, 0, 0));
      std::stable_sort(members_.begin() + static_cast<ptrdiff_t>(first), members_.end(),
                       [this](const format::Member& a, const format::Member& b) {
                         return strings_.at(a.name) < strings_.at(b.name);
                       });
      aggregates_.push_back(
          {static_cast<uint32_t>(first), static_cast<uint32_t>(members_.size() - first)});
    }
    return {};
  }

  Result<void> add_members(TypeId owner, TypeId id, uint64_t base_bits, int nesting) {
    const btf_type* type = btf_.type(id);
    for (unsigned i = 0; i < btf_vlen(type); i++) {
      const struct btf_member& member = btf_members(type)[i];
      uint64_t bit = base_bits + btf_member_bit_offset(type, i);
      TypeId meant = btf_.strip(member.type);
      std::string_view name = btf_.name_at(member.name_off);
      if (members_.size() > kMaxMembers)
        return Error{EINVAL, fmt::format("{}: more than {} struct members (at struct '{}')",
                                         btf_.source(), kMaxMembers, btf_.name(owner))};
      if (!name.empty()) {
        add_member(owner, member.type, name, bit, btf_member_bitfield_size(type, i));
      } else if (is_aggregate(meant) && nesting < kMaxNesting) {
        TRY(add_members(owner, meant, bit, nesting + 1));
      }
    }
    return {};
  }

  void add_member(TypeId owner, TypeId declared, std::string_view name, uint64_t bit,
                  uint32_t bit_size) {
    TypeId meant = btf_.strip(declared);
    uint64_t size = btf_.size(declared).value_or(0);
    format::Member out{};
    if (btf_.kind(meant) == BTF_KIND_INT && !bit_size) {
      // Before Linux 4.20 (9d5f9f701b18) a bit field was an INT of fewer bits than its bytes.
      const btf_type* integer = btf_.type(meant);
      if (btf_int_bits(integer) < integer->size * 8u || btf_int_offset(integer)) {
        bit_size = btf_int_bits(integer);
        bit += btf_int_offset(integer);
      }
    }
    uint64_t offset = bit / 8;
    if (bit_size && size) {
      // The storage is the declared type, aligned, unless a packed struct lets the field straddle
      // two of them or ends earlier: then the bytes that the field touches.
      offset = bit / (size * 8) * size;
      bool straddles = bit - offset * 8 + bit_size > size * 8;
      if (straddles || offset + size > btf_.type(owner)->size) {
        offset = bit / 8;
        size = (bit % 8 + bit_size + 7) / 8;
      }
      out.bit_offset = static_cast<uint16_t>(bit - offset * 8);
      out.bit_size = static_cast<uint16_t>(bit_size);
    }
    out.name = strings_.add(name);
    out.type = canonical(declared);
    out.aggregate = aggregate_of_[meant];
    out.offset = static_cast<uint32_t>(offset);
    out.size = static_cast<uint32_t>(size);
    members_.push_back(out);
  }

  // Many members share a type; its text is made once.
  uint32_t canonical(TypeId id) {
    if (canonical_.empty()) canonical_.assign(btf_.type_count(), 0);
    if (!canonical_[id]) canonical_[id] = strings_.add(btf_.canonical(id));
    return canonical_[id];
  }

  // Tags and typedefs in one table: a tag hides a typedef, a near type a far one.
  void add_types() {
    struct Choice {
      TypeId id;
      bool tag;
    };
    std::unordered_map<std::string_view, Choice> chosen;
    for (TypeId id = 1; id < btf_.type_count(); id++) {
      unsigned kind = btf_.kind(id);
      bool tag = is_aggregate(id) || kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64;
      bool other = kind == BTF_KIND_TYPEDEF || kind == BTF_KIND_INT || kind == BTF_KIND_FLOAT;
      std::string_view name = btf_.name(id);
      if ((!tag && !other) || name.empty() || !btf_.size(id)) continue;
      auto [known, fresh] = chosen.try_emplace(name, Choice{id, tag});
      if (fresh) continue;
      Choice& old = known->second;
      if (tag != old.tag ? tag : distance_[id] < distance_[old.id]) old = {id, tag};
    }
    for (const auto& [name, choice] : chosen)
      types_.push_back(
          {strings_.add(name), aggregate_of_[btf_.strip(choice.id)], *btf_.size(choice.id)});
  }

  void add_enumerators() {
    struct Choice {
      int64_t value;
      uint32_t distance;
    };
    std::unordered_map<std::string_view, Choice> chosen;
    auto add = [&](TypeId id, uint32_t name, int64_t value) {
      auto [known, fresh] = chosen.try_emplace(btf_.name_at(name), Choice{value, distance_[id]});
      if (!fresh && distance_[id] < known->second.distance) known->second = {value, distance_[id]};
    };
    // BTF says which enums are signed since 6089fb325cf7 (Linux 6.0, pahole 1.24); where none is,
    // it is older and all are taken as signed.
    bool tells_sign = false;
    for (TypeId id = 1; id < btf_.type_count(); id++)
      tells_sign |= btf_.kind(id) == BTF_KIND_ENUM64 ||
                    (btf_.kind(id) == BTF_KIND_ENUM && btf_kflag(btf_.type(id)));
    for (TypeId id = 1; id < btf_.type_count(); id++) {
      const btf_type* type = btf_.type(id);
      if (btf_.kind(id) == BTF_KIND_ENUM) {
        for (unsigned i = 0; i < btf_vlen(type); i++) {
          const struct btf_enum& item = btf_enum(type)[i];
          bool is_signed = btf_kflag(type) || !tells_sign;
          add(id, item.name_off,
              is_signed ? int64_t{item.val} : int64_t{static_cast<uint32_t>(item.val)});
        }
      } else if (btf_.kind(id) == BTF_KIND_ENUM64) {
        for (unsigned i = 0; i < btf_vlen(type); i++) {
          const struct btf_enum64& item = btf_enum64(type)[i];
          add(id, item.name_off, static_cast<int64_t>(btf_enum64_value(&item)));
        }
      }
    }
    for (const auto& [name, choice] : chosen) {
      format::Enumerator out{strings_.add(name), {}};
      format::split64(static_cast<uint64_t>(choice.value), out.value);
      enumerators_.push_back(out);
    }
  }

  void add_functions() {
    for (const auto& [name, id] : prototypes_)
      functions_.push_back({strings_.add(name), canonical(id)});
  }

  void add_exports() {
    std::vector<const SymversLine*> lines;
    for (const SymversLine& line : sources_.exports) lines.push_back(&line);
    std::sort(lines.begin(), lines.end(), [](const SymversLine* a, const SymversLine* b) {
      bool of_a = a->module == "vmlinux", of_b = b->module == "vmlinux";
      return of_a != of_b ? of_a : a->name < b->name;
    });
    for (const SymversLine* line : lines) {
      bool of_vmlinux = line->module == "vmlinux";
      vmlinux_exports_ += of_vmlinux;
      format::Export out{};
      out.name = strings_.add(line->name);
      out.crc = line->crc;
      out.flags = (line->gpl_only ? format::kGplOnly : 0) | (of_vmlinux ? format::kOfVmlinux : 0);
      out.name_space = strings_.add(line->name_space);
      out.module = strings_.add(line->module);
      // A static function of vmlinux may bear the name of a module's export: only vmlinux's own.
      if (auto found = prototypes_.find(line->name); of_vmlinux && found != prototypes_.end()) {
        out.prototype = canonical(found->second);
        out.declaration = strings_.add(btf_.declaration(found->second, line->name));
      } else if (auto data = data_.find(line->name); of_vmlinux && data != data_.end()) {
        out.declaration = strings_.add(btf_.declaration(data->second, line->name));
      }
      exports_.push_back(out);
    }
  }

  template <class Record>
  std::vector<uint32_t> table(const std::vector<Record>& records) const {
    size_t size = 8;
    while (size * 3 < records.size() * 4) size *= 2;
    std::vector<uint32_t> slots(size);
    for (uint32_t i = 0; i < records.size(); i++) {
      size_t slot = format::hash_name(strings_.at(records[i].name)) & (size - 1);
      while (slots[slot]) slot = (slot + 1) & (size - 1);
      slots[slot] = i + 1;
    }
    return slots;
  }

  Result<std::vector<std::byte>> write() const {
    std::vector<std::byte> file(sizeof(format::Header));
    format::Header header{};
    auto put = [&](format::SectionIndex index, const void* data, size_t size) {
      header.sections[index] = {static_cast<uint32_t>(file.size()), static_cast<uint32_t>(size)};
      const auto* bytes = static_cast<const std::byte*>(data);
      file.insert(file.end(), bytes, bytes + size);
      file.resize((file.size() + 7) / 8 * 8);
    };
    auto put_all = [&](format::SectionIndex index, const auto& records) {
      put(index, records.data(), records.size() * sizeof(records[0]));
    };
    put_all(format::kInputs, inputs_);
    put(format::kFacts, &facts_, sizeof(facts_));
    put_all(format::kExports, exports_);
    put_all(format::kFunctions, functions_);
    put_all(format::kTypes, types_);
    put_all(format::kAggregates, aggregates_);
    put_all(format::kMembers, members_);
    put_all(format::kEnumerators, enumerators_);
    put_all(format::kConfig, config_);
    put_all(format::kCpuFeatures, cpu_features_);
    put_all(format::kBuiltin, builtin_);
    put_all(format::kExportTable, table(exports_));
    put_all(format::kFunctionTable, table(functions_));
    put_all(format::kTypeTable, table(types_));
    put_all(format::kEnumeratorTable, table(enumerators_));
    put_all(format::kConfigTable, table(config_));
    put_all(format::kCpuFeatureTable, table(cpu_features_));
    put(format::kStrings, strings_.bytes().data(), strings_.bytes().size());
    if (file.size() > INT32_MAX)
      return Error{EFBIG, fmt::format("{}: its compiled form is larger than 2 GiB", btf_.source())};

    std::memcpy(header.magic, format::kMagic, sizeof(header.magic));
    header.version = format::kVersion;
    header.header_size = sizeof(header);
    header.file_size = file.size();
    header.vmlinux_exports = vmlinux_exports_;
    std::memcpy(file.data(), &header, sizeof(header));
    header.checksum = format::checksum(file);
    std::memcpy(file.data(), &header, sizeof(header));
    return file;
  }

  const Sources& sources_;
  const Btf& btf_;
  Strings strings_;
  std::unordered_map<std::string_view, TypeId> prototypes_, data_;
  std::vector<uint32_t> distance_;
  std::vector<uint32_t> aggregate_of_;  // by type id
  std::vector<uint32_t> canonical_;     // by type id; 0 is not made yet
  uint32_t vmlinux_exports_ = 0;

  std::vector<format::Input> inputs_;
  format::Facts facts_{};
  std::vector<format::Export> exports_;
  std::vector<format::Function> functions_;
  std::vector<format::Type> types_;
  std::vector<format::Aggregate> aggregates_;
  std::vector<format::Member> members_;
  std::vector<format::Enumerator> enumerators_;
  std::vector<format::Option> config_;
  std::vector<format::CpuFeature> cpu_features_;
  std::vector<format::Builtin> builtin_;
};

}  // namespace

Result<std::vector<std::byte>> compile_target(const Sources& sources) {
  return Compiler(sources).run();
}

}  // namespace ring3::target
