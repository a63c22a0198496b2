// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memory/report.h"

#include <fmt/format.h>

namespace ring3::machine {
namespace {

std::string describe(const HeapObject& object) {
  return fmt::format("object {:#x} of {} bytes ({}), allocated by {:#x}", object.address,
                     object.size, object.cache ? object.cache : "pages", object.owner);
}

}  // namespace

std::string describe(const MemoryReport& report) {
  const char* why = "";
  switch (report.kind) {
    case MemoryReport::kDoubleFree:
      return fmt::format("double free of {:#x} by {:#x}: {}, was freed by {:#x}", report.address,
                         report.caller, describe(report.object), report.object.freed_by);
    case MemoryReport::kWrongCache:
      return fmt::format("{:#x} freed by {:#x} into cache {}: {}", report.address, report.caller,
                         report.cache ? report.cache : "?", describe(report.object));
    case MemoryReport::kOverrun:
      return fmt::format("{} was written beside its bounds at {:#x}; seen when {:#x} freed it",
                         describe(report.object), report.address, report.caller);
    case MemoryReport::kBadFree:
      if (report.object.address)
        return fmt::format("bad free of {:#x} by {:#x}: {} bytes inside {}", report.address,
                           report.caller, report.address - report.object.address,
                           describe(report.object));
      why = "not memory of the heap";
      break;
    case MemoryReport::kBadPageFree:
      why = "not an allocated block of pages of that order";
      break;
    case MemoryReport::kBadPerCpuFree:
      why = "not a per-CPU allocation";
      break;
    case MemoryReport::kBadVmallocFree:
      why = "not the beginning of a vmalloc area";
      break;
  }
  return fmt::format("bad free of {:#x} by {:#x}: {}", report.address, report.caller, why);
}

}  // namespace ring3::machine
