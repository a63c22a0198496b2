// SPDX-License-Identifier: GPL-2.0-only
// .altinstructions: struct alt_instr, packed (arch/x86/include/asm/alternative.h):
//
//   6.1    12 bytes   s32 instr; s32 replacement; u16 cpuid, bit 15 = NOT;  u8 length; u8
//   replacement length 6.12   14 bytes   s32 instr; s32 replacement; u16 cpuid; u16 flags;     u8
//   length; u8 replacement length
//
// The offsets are relative to their own place. An entry means: on a CPU that has the feature (or
// with NOT: lacks it) the instruction becomes the replacement, filled up with nops. Entries may
// follow one another for one place; each is applied over the one before, as written.
//
// Which features the machine has is a decision of the caller: `cpu_features` has them,
// `missing_cpu_features` has those whose NOT entries are wanted. For a feature in neither, nothing
// is changed, because a replacement may be an instruction that user space cannot run (NOT XENPV
// puts cli where a call through pv_ops stood). A module runs correctly with any choice.
//
// Differs from Linux, which decodes the replacement to find relative operands: the relocations
// know them. A value that a PC-relative relocation put into the replacement, and that no patch has
// changed since, is corrected for the distance of the move.
#include <fmt/format.h>

#include <algorithm>

#include "link/x86_64/instruction.h"
#include "link/x86_64/patcher.h"
#include "link/x86_64/relocation_kinds.h"

namespace ring3::link::x86_64 {

struct Patcher::Alternative {
  uint64_t place;
  uint64_t replacement;
  uint32_t feature;
  bool negated;
  bool direct_call;  // the replacement's target stands in the pointer that the place calls through
  uint8_t length;
  uint8_t replacement_length;
};

namespace {

struct Fields {
  uint32_t feature;
  bool negated;
  bool direct_call;
  uint8_t length;
  uint8_t replacement_length;
};

constexpr size_t kOldSize = 12;
constexpr size_t kNewSize = 14;

Fields read_fields(const std::byte* entry, size_t size) {
  uint16_t cpuid = load<uint16_t>(entry + 8);
  uint8_t length = load<uint8_t>(entry + size - 2);
  uint8_t replacement_length = load<uint8_t>(entry + size - 1);
  if (size == kOldSize) {
    constexpr uint16_t kNot = 1 << 15;
    return {cpuid & ~uint32_t{kNot}, (cpuid & kNot) != 0, false, length, replacement_length};
  }
  uint16_t flags = load<uint16_t>(entry + 10);
  return {cpuid, (flags & 1) != 0, (flags & 2) != 0, length, replacement_length};
}

bool contains(const std::vector<uint32_t>& features, uint32_t feature) {
  return std::find(features.begin(), features.end(), feature) != features.end();
}

}  // namespace

Result<void> Patcher::altinstructions() {
  if (!options_.alt_instr_size) return {};
  if (options_.alt_instr_size != kOldSize && options_.alt_instr_size != kNewSize)
    return Error{ENOEXEC,
                 fmt::format("{}: the target's struct alt_instr has {} bytes, known are {} "
                             "and {}: link without patches",
                             image_.name, options_.alt_instr_size, kOldSize, kNewSize)};
  Table entries = TRY(table(".altinstructions", options_.alt_instr_size));
  for (size_t i = 0; i < entries.count(); i++) {
    uint64_t address = entries.address(i);
    Fields fields = read_fields(entries.bytes.data() + i * entries.entry_size, entries.entry_size);
    Alternative alternative{.place = relative(address),
                            .replacement = relative(address + 4),
                            .feature = fields.feature,
                            .negated = fields.negated,
                            .direct_call = fields.direct_call,
                            .length = fields.length,
                            .replacement_length = fields.replacement_length};
    TRY(text(entries, i, alternative.place, alternative.length));
    if (alternative.replacement_length)
      TRY(text(entries, i, alternative.replacement, alternative.replacement_length));
    if (alternative.replacement_length > alternative.length)
      return damaged(entries, i,
                     fmt::format("{} bytes shall replace {}", alternative.replacement_length,
                                 alternative.length));
    const auto& wanted =
        alternative.negated ? options_.missing_cpu_features : options_.cpu_features;
    if (!contains(wanted, alternative.feature)) continue;
    if (alternative.direct_call)
      TRY(make_direct_call(entries, i, alternative));
    else
      TRY(replace(entries, i, alternative));
  }
  return {};
}

Result<void> Patcher::replace(const Table& table, size_t entry, const Alternative& alternative) {
  uint8_t moved[256];
  std::memcpy(moved, reinterpret_cast<void*>(alternative.replacement),
              alternative.replacement_length);
  TRY(move_relocations(table, entry, alternative, moved));
  write_nops(moved + alternative.replacement_length,
             alternative.length - size_t{alternative.replacement_length});
  std::memcpy(reinterpret_cast<void*>(alternative.place), moved, alternative.length);
  return {};
}

Result<void> Patcher::move_relocations(const Table& table, size_t entry,
                                       const Alternative& alternative, uint8_t* moved) {
  uint64_t begin = alternative.replacement;
  uint64_t end = begin + alternative.replacement_length;
  for (const elf::Section& section : view_.sections()) {
    const PlacedSection& placed = image_.sections[section.index];
    if (!placed.address || begin - placed.address.value >= placed.size) continue;
    const auto& places = relative_places(section.index);
    for (auto place = std::lower_bound(places.begin(), places.end(), RelativePlace{begin, 0});
         place != places.end() && place->address + 4 <= end; ++place) {
      uint8_t* at = moved + (place->address - begin);
      if (load<uint32_t>(at) != place->value) continue;  // patched: no displacement any more
      int64_t value = load<int32_t>(at);
      value += static_cast<int64_t>(begin - alternative.place);
      int32_t narrow = static_cast<int32_t>(value);
      if (narrow != value) return damaged(table, entry, "its replacement's target is out of reach");
      std::memcpy(at, &narrow, 4);
    }
    return {};
  }
  return {};
}

// The 32-bit PC-relative values that relocation stored into a section, by address.
const std::vector<Patcher::RelativePlace>& Patcher::relative_places(uint32_t section) {
  for (const auto& [index, places] : relative_places_)
    if (index == section) return places;
  std::vector<RelativePlace> places;
  for (const elf::Relocations& relocations : view_.relocations()) {
    if (relocations.target->index != section) continue;
    uint64_t base = image_.sections[section].address.value;
    for (const Elf64_Rela& entry : relocations.entries) {
      const RelocationKind* kind = relocation_kind(ELF64_R_TYPE(entry.r_info));
      if (!kind || !kind->pc_relative || kind->size != 4) continue;
      uint64_t address = base + entry.r_offset;
      uint64_t value =
          values_[ELF64_R_SYM(entry.r_info)] + static_cast<uint64_t>(entry.r_addend) - address;
      places.push_back({address, static_cast<uint32_t>(value)});
    }
  }
  std::sort(places.begin(), places.end());
  return relative_places_.emplace_back(section, std::move(places)).second;
}

// ALT_FLAG_DIRECT_CALL, 6.8 and later (alternative.c alt_replace_call): the place is `call
// *slot(%rip)`, six bytes; the replacement, a call of some function or other, gets the slot's
// current target. A slot that may not be read, is empty, or leads too far away keeps its call.
Result<void> Patcher::make_direct_call(const Table& table, size_t entry,
                                       const Alternative& alternative) {
  std::span<uint8_t> place = TRY(text(table, entry, alternative.place, alternative.length));
  if (alternative.length != 6 || alternative.replacement_length != 5 || place[0] != 0xff ||
      place[1] != 0x15)
    return damaged(table, entry, "its direct call replaces no call through memory");
  uint64_t end = alternative.place + 6;
  uint64_t slot = end + static_cast<uint64_t>(static_cast<int64_t>(load<int32_t>(&place[2])));
  if (!readable(slot, 8)) return {};
  uint64_t target = load<uint64_t>(reinterpret_cast<void*>(slot));
  auto distance = displacement(alternative.place + 5, target);
  if (!target || !distance) return {};
  write_branch(place.data(), kCall, *distance);
  write_nops(&place[5], 1);
  return {};
}

}  // namespace ring3::link::x86_64
