// SPDX-License-Identifier: GPL-2.0-only
#include "target/compiled_target.h"

#include <fmt/format.h>

#include "base/text.h"

namespace ring3::target {

using format::SectionIndex;

CompiledTarget::CompiledTarget(std::optional<host::MappedFile> file, std::vector<std::byte> memory)
    : file_(std::move(file)), memory_(std::move(memory)) {
  bytes_ = file_ ? file_->bytes() : Bytes(memory_);
}

Result<std::unique_ptr<CompiledTarget>> CompiledTarget::open(host::MappedFile file,
                                                             std::string_view name) {
  auto self = std::unique_ptr<CompiledTarget>(new CompiledTarget(std::move(file), {}));
  TRY(self->check(name));
  return self;
}

Result<std::unique_ptr<CompiledTarget>> CompiledTarget::open(std::vector<std::byte> bytes,
                                                             std::string_view name) {
  auto self = std::unique_ptr<CompiledTarget>(new CompiledTarget(std::nullopt, std::move(bytes)));
  TRY(self->check(name));
  return self;
}

Result<void> CompiledTarget::check(std::string_view name) {
  auto bad = [&](std::string_view why) {
    return Error{EINVAL, fmt::format("{}: not a usable compiled target: {}", name, why)};
  };
  auto header = read_at<format::Header>(bytes_, 0);
  if (!header || std::memcmp(header->magic, format::kMagic, sizeof(header->magic)) != 0)
    return bad("wrong magic number");
  if (header->version != format::kVersion || header->header_size != sizeof(format::Header))
    return bad(fmt::format("format version {}, not {}", header->version, format::kVersion));
  if (header->file_size != bytes_.size())
    return bad(fmt::format("{} bytes, not {}", bytes_.size(), header->file_size));
  for (uint32_t i = 0; i < format::kSectionCount; i++)
    if (!slice(bytes_, header->sections[i].offset, header->sections[i].size))
      return bad(fmt::format("section {} lies outside it", i));
  if (format::checksum(bytes_) != header->checksum) return bad("wrong checksum");
  header_ = *header;

  strings_ = *slice(bytes_, header_.sections[format::kStrings].offset,
                    header_.sections[format::kStrings].size);
  auto facts = record<format::Facts>(format::kFacts, 0);
  if (!facts) return bad("no facts");
  facts_ = *facts;
  return {};
}

std::string_view CompiledTarget::text(uint32_t offset) const {
  auto length = read_at<uint8_t>(strings_, offset);
  if (!length) return {};
  uint64_t size = *length, begin = uint64_t{offset} + 1;
  if (*length == 255) {
    size = read_at<uint32_t>(strings_, begin).value_or(0);
    begin += 4;
  }
  auto bytes = slice(strings_, begin, size);
  return bytes ? as_text(*bytes) : std::string_view();
}

template <class T>
std::optional<T> CompiledTarget::find(SectionIndex table, SectionIndex records,
                                      std::string_view name) const {
  uint32_t slots = count<uint32_t>(table);
  if (slots == 0 || (slots & (slots - 1))) return std::nullopt;
  uint32_t slot = format::hash_name(name) & (slots - 1);
  for (uint32_t probes = 0; probes < slots; probes++, slot = (slot + 1) & (slots - 1)) {
    uint32_t index = record<uint32_t>(table, slot).value_or(0);
    if (index == 0) return std::nullopt;
    auto found = record<T>(records, index - 1);
    if (found && text(found->name) == name) return found;
  }
  return std::nullopt;
}

std::vector<InputState> CompiledTarget::inputs() const {
  std::vector<InputState> inputs;
  for (uint32_t i = 0; i < count<format::Input>(format::kInputs); i++)
    if (auto input = record<format::Input>(format::kInputs, i))
      inputs.push_back({std::string(text(input->path)), input->exists != 0,
                        format::join64(input->size), format::join64(input->stamp)});
  return inputs;
}

Export CompiledTarget::to_export(const format::Export& found) const {
  return {text(found.name),       found.crc,          (found.flags & format::kGplOnly) != 0,
          text(found.name_space), text(found.module), text(found.prototype),
          text(found.declaration)};
}

std::optional<Export> CompiledTarget::find_any_export(std::string_view name) const {
  auto found = find<format::Export>(format::kExportTable, format::kExports, name);
  return found ? std::optional(to_export(*found)) : std::nullopt;
}

std::optional<Export> CompiledTarget::find_export(std::string_view name) const {
  // vmlinux's records come first into the table, so a module's never hides one of them.
  auto found = find<format::Export>(format::kExportTable, format::kExports, name);
  if (!found || !(found->flags & format::kOfVmlinux)) return std::nullopt;
  return to_export(*found);
}

std::vector<Export> CompiledTarget::exports() const {
  std::vector<Export> all;
  all.reserve(std::min(header_.vmlinux_exports, count<format::Export>(format::kExports)));
  for (uint32_t i = 0; i < header_.vmlinux_exports; i++) {
    auto found = record<format::Export>(format::kExports, i);
    if (!found) break;
    all.push_back(to_export(*found));
  }
  return all;
}

std::optional<format::Member> CompiledTarget::find_member(uint32_t aggregate,
                                                          std::string_view name) const {
  auto owner = record<format::Aggregate>(format::kAggregates, aggregate);
  if (!owner) return std::nullopt;
  uint32_t low = 0, high = owner->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    auto member = record<format::Member>(format::kMembers, owner->first + middle);
    if (!member) return std::nullopt;
    int order = text(member->name).compare(name);
    if (order == 0) return member;
    (order < 0 ? low : high) = order < 0 ? middle + 1 : middle;
  }
  return std::nullopt;
}

std::optional<Field> CompiledTarget::field(std::string_view type_name,
                                           std::string_view path) const {
  auto type = find<format::Type>(format::kTypeTable, format::kTypes, type_name);
  if (!type) return std::nullopt;
  uint32_t aggregate = type->aggregate;
  Field field;
  do {
    auto member = find_member(aggregate, take_field(path, '.'));
    if (!member) return std::nullopt;
    field.offset += member->offset;
    field.size = member->size;
    field.bit_offset = member->bit_offset;
    field.bit_size = member->bit_size;
    field.type = text(member->type);
    aggregate = member->aggregate;
  } while (!path.empty());
  return field;
}

std::optional<uint64_t> CompiledTarget::size_of(std::string_view type_name) const {
  auto type = find<format::Type>(format::kTypeTable, format::kTypes, type_name);
  return type ? std::optional<uint64_t>(type->size) : std::nullopt;
}

std::optional<int64_t> CompiledTarget::enumerator(std::string_view name) const {
  auto found = find<format::Enumerator>(format::kEnumeratorTable, format::kEnumerators, name);
  if (!found) return std::nullopt;
  return static_cast<int64_t>(format::join64(found->value));
}

std::optional<std::string_view> CompiledTarget::prototype(std::string_view function) const {
  auto found = find<format::Function>(format::kFunctionTable, format::kFunctions, function);
  return found ? std::optional(text(found->prototype)) : std::nullopt;
}

std::optional<std::string_view> CompiledTarget::config(std::string_view option) const {
  auto found = find<format::Option>(format::kConfigTable, format::kConfig, option);
  return found ? std::optional(text(found->value)) : std::nullopt;
}

std::optional<uint32_t> CompiledTarget::cpu_feature(std::string_view name) const {
  // "X86_FEATURE_SMAP", "X86_BUG_MDS", or a feature without its X86_FEATURE_.
  auto found = find<format::CpuFeature>(format::kCpuFeatureTable, format::kCpuFeatures, name);
  if (!found)
    found = find<format::CpuFeature>(format::kCpuFeatureTable, format::kCpuFeatures,
                                     fmt::format("X86_FEATURE_{}", name));
  return found ? std::optional(found->number) : std::nullopt;
}

std::vector<BuiltinModule> CompiledTarget::builtin_modules() const {
  std::vector<BuiltinModule> modules;
  for (uint32_t i = 0; auto found = record<format::Builtin>(format::kBuiltin, i); i++)
    modules.push_back({text(found->name), text(found->version)});
  return modules;
}

}  // namespace ring3::target
