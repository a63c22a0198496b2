// SPDX-License-Identifier: GPL-2.0-only
// What the patches share: the image, bounds checks, and errors that name section and entry. Each
// patch is a file of its own, which opens with what its section holds. All of them work on
// memory that is still writable, before protect; all bytes of their sections are untrusted: an
// address that is not in the module's own text refuses the module, while an instruction that is
// not the expected one is told and left alone, as Linux does (it WARNs), because it runs as it is.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "link/image.h"

namespace ring3::link::x86_64 {

// A section being read: its bytes in memory and its name for errors.
struct Table {
  std::string_view name;
  std::span<std::byte> bytes;
  size_t entry_size;

  size_t count() const { return bytes.size() / entry_size; }
  uint64_t address(size_t entry) const {
    return reinterpret_cast<uint64_t>(bytes.data()) + entry * entry_size;
  }
};

class Patcher {
 public:
  // `values` are the final values of the view's symbols.
  Patcher(const elf::View& view, const LinkOptions& options, Resolver& resolver, LinkLog& log,
          Image& image, std::span<const uint64_t> values)
      : view_(view),
        options_(options),
        resolver_(resolver),
        log_(log),
        image_(image),
        values_(values) {}

  Result<void> parainstructions();
  Result<void> retpoline_sites();
  Result<void> return_sites();
  Result<void> altinstructions();
  Result<void> fentry_sites();
  Result<void> jump_table();
  Result<void> static_call_sites();

 private:
  // The section, empty when the module has none; an error when it is no whole number of entries.
  Result<Table> table(std::string_view name, size_t entry_size) const;
  // The text at `address`, of which `length` bytes must exist; goes on to the region's end.
  Result<std::span<uint8_t>> text(const Table& table, size_t entry, uint64_t address,
                                  uint64_t length) const;
  // May these bytes be read as data? The module's own memory, or what the resolver allows.
  bool readable(uint64_t address, uint64_t size) const;
  Error damaged(const Table& table, size_t entry, std::string_view what) const;
  void leave(const Table& table, size_t entry, uint64_t address, std::string_view what) const;

  // altinstructions.cc
  struct Alternative;
  Result<void> replace(const Table& table, size_t entry, const Alternative& alternative);
  Result<void> make_direct_call(const Table& table, size_t entry, const Alternative& alternative);
  Result<void> move_relocations(const Table& table, size_t entry, const Alternative& alternative,
                                uint8_t* moved);
  struct RelativePlace {
    uint64_t address;  // where a PC-relative value was stored
    uint32_t value;    // which
    bool operator<(const RelativePlace& other) const { return address < other.address; }
  };
  const std::vector<RelativePlace>& relative_places(uint32_t section);

  const elf::View& view_;
  const LinkOptions& options_;
  Resolver& resolver_;
  LinkLog& log_;
  Image& image_;
  std::span<const uint64_t> values_;
  std::vector<std::pair<uint32_t, std::vector<RelativePlace>>> relative_places_;
};

template <class T>
T load(const void* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

// The address that a 32-bit offset, relative to itself, means (PREL32 tables).
inline uint64_t relative(uint64_t address) {
  return address + static_cast<uint64_t>(
                       static_cast<int64_t>(load<int32_t>(reinterpret_cast<void*>(address))));
}

}  // namespace ring3::link::x86_64
