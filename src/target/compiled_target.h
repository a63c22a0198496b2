// SPDX-License-Identifier: GPL-2.0-only
// A target as its compiled file tells it (target/format.h). The file is untrusted: open() refuses
// what is truncated, foreign, of another format version or does not match its checksum, and every
// index read later is held against its section.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "host/file.h"
#include "target/compile.h"
#include "target/format.h"
#include "target/target.h"

namespace ring3::target {

class CompiledTarget final : public Target {
 public:
  static Result<std::unique_ptr<CompiledTarget>> open(host::MappedFile file, std::string_view name);
  // The same over bytes in memory, where the cache folder cannot be written.
  static Result<std::unique_ptr<CompiledTarget>> open(std::vector<std::byte> bytes,
                                                      std::string_view name);

  std::vector<InputState> inputs() const;

  std::string_view release() const override { return text(facts_.release); }
  std::string_view vermagic() const override { return text(facts_.vermagic); }
  std::string_view kdir() const override { return text(facts_.kdir); }
  std::string_view btf_source() const override { return text(facts_.btf_source); }
  std::string_view banner() const override { return text(facts_.banner); }
  std::optional<Export> find_export(std::string_view name) const override;
  std::optional<Export> find_any_export(std::string_view name) const override;
  std::vector<Export> exports() const override;
  std::optional<Field> field(std::string_view type_name, std::string_view path) const override;
  std::optional<uint64_t> size_of(std::string_view type_name) const override;
  std::optional<int64_t> enumerator(std::string_view name) const override;
  std::optional<std::string_view> prototype(std::string_view function) const override;
  std::optional<std::string_view> config(std::string_view option) const override;
  std::optional<uint32_t> cpu_feature(std::string_view name) const override;
  std::vector<BuiltinModule> builtin_modules() const override;

 private:
  CompiledTarget(std::optional<host::MappedFile> file, std::vector<std::byte> memory);
  Result<void> check(std::string_view name);

  template <class T>
  uint32_t count(format::SectionIndex section) const {
    return header_.sections[section].size / static_cast<uint32_t>(sizeof(T));
  }
  // Record `index` of a section; nothing when it does not exist.
  template <class T>
  std::optional<T> record(format::SectionIndex section, uint32_t index) const {
    if (index >= count<T>(section)) return std::nullopt;
    return read_at<T>(bytes_, header_.sections[section].offset + uint64_t{index} * sizeof(T));
  }
  template <class T>
  std::optional<T> find(format::SectionIndex table, format::SectionIndex records,
                        std::string_view name) const;
  std::optional<format::Member> find_member(uint32_t aggregate, std::string_view name) const;
  std::string_view text(uint32_t offset) const;
  Export to_export(const format::Export& found) const;

  std::optional<host::MappedFile> file_;
  std::vector<std::byte> memory_;
  Bytes bytes_;
  Bytes strings_;
  format::Header header_{};
  format::Facts facts_{};
};

}  // namespace ring3::target
