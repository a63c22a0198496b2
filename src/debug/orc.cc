// SPDX-License-Identifier: GPL-2.0-only
#include "debug/orc.h"

#include <algorithm>
#include <cstring>

namespace ring3::debug {
namespace {

// struct orc_entry: s16 sp_offset, s16 bp_offset, then bit fields; sp_reg and bp_reg (4 bits each)
// lie in the same byte in every target, what follows (type, end, signal) is not needed for plain
// calls.
struct OrcEntry {
  int16_t sp_offset, bp_offset;
  uint8_t sp_reg : 4, bp_reg : 4;
  uint8_t rest;
};
static_assert(sizeof(OrcEntry) == 6);

enum Register : uint8_t {
  kUndefined,
  kPreviousSp,
  kDx,
  kDi,
  kBp,
  kSp,
  kR10,
  kR13,
  kBpIndirect,
  kSpIndirect
};

std::optional<OrcEntry> find_entry(const module::Module& module, uint64_t ip) {
  auto ips = module.image->section(".orc_unwind_ip");
  auto entries = module.image->section(".orc_unwind");
  size_t count = std::min(ips.size() / 4, entries.size() / sizeof(OrcEntry));
  // The file's order is by section, not by address; reports are rare, so look at all of them.
  std::optional<size_t> best;
  uint64_t best_address = 0;
  for (size_t i = 0; i < count; i++) {
    int32_t offset;
    std::memcpy(&offset, ips.data() + i * 4, 4);
    uint64_t address =
        reinterpret_cast<uint64_t>(ips.data() + i * 4) + static_cast<int64_t>(offset);
    if (address > ip || (best && address < best_address)) continue;
    best = i;
    best_address = address;
  }
  if (!best) return std::nullopt;
  OrcEntry entry;
  std::memcpy(&entry, entries.data() + *best * sizeof(OrcEntry), sizeof(entry));
  return entry;
}

}  // namespace

std::optional<FrameState> unwind_module_frame(const module::Module& module, const FrameState& frame,
                                              const ReadStack& read) {
  auto entry = find_entry(module, frame.exact_ip ? frame.ip : frame.ip - 1);
  if (!entry) return std::nullopt;
  uint64_t base;
  switch (entry->sp_reg) {
    case kSp:
    case kSpIndirect:
      base = frame.sp;
      break;
    case kBp:
    case kBpIndirect:
      base = frame.bp;
      break;
    case kR10:
      base = frame.r10;
      break;
    case kR13:
      base = frame.r13;
      break;
    case kDx:
      base = frame.dx;
      break;
    case kDi:
      base = frame.di;
      break;
    default:
      return std::nullopt;
  }
  uint64_t cfa = base + static_cast<int64_t>(entry->sp_offset);
  if (entry->sp_reg == kBpIndirect) {
    auto value = read(cfa);
    if (!value) return std::nullopt;
    cfa = *value;
  } else if (entry->sp_reg == kSpIndirect) {
    auto value = read(base);
    if (!value) return std::nullopt;
    cfa = *value + static_cast<int64_t>(entry->sp_offset);
  }
  auto ip = read(cfa - 8);
  if (!ip) return std::nullopt;
  FrameState caller{.ip = *ip, .sp = cfa, .bp = frame.bp, .exact_ip = false};
  if (entry->bp_reg == kPreviousSp || entry->bp_reg == kBp) {
    uint64_t from = entry->bp_reg == kPreviousSp ? cfa : frame.bp;
    auto bp = read(from + static_cast<int64_t>(entry->bp_offset));
    if (!bp) return std::nullopt;
    caller.bp = *bp;
  }
  return caller;
}

}  // namespace ring3::debug
