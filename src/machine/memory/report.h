// SPDX-License-Identifier: GPL-2.0-only
// What the allocators noticed about their callers. An allocator never stops and never trusts what
// it was given: it refuses, reports, and goes on; whoever listens decides whether that is a line in
// the log or an oops.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace ring3::machine {

class Cache;

// An object of the heap, as far as the heap can tell.
struct HeapObject {
  uint64_t address = 0;
  uint64_t size = 0;      // asked for
  uint64_t room = 0;      // what ksize() answers: the size of its slot
  uint64_t owner = 0;     // the call site that allocated it
  uint64_t freed_by = 0;  // the call site that freed it; meaningful when not live
  bool live = false;
  const char* cache = nullptr;  // its name; null: straight from pages
  const Cache* home = nullptr;
};

struct MemoryReport {
  enum Kind : uint8_t {
    kDoubleFree,   // object holds who freed it first
    kBadFree,      // not the beginning of an object
    kWrongCache,   // kmem_cache_free() with another cache; freed all the same
    kOverrun,      // guarded: bytes around the object had changed when it was freed
    kBadPageFree,  // pages that are not allocated, or another order
    kBadPerCpuFree,
    kBadVmallocFree,
  } kind;
  uint64_t address;
  uint64_t caller;
  HeapObject object{};
  const char* cache = nullptr;  // kWrongCache: the cache that was named
};

std::string describe(const MemoryReport& report);

// Called without any lock of the allocators held.
using MemoryReporter = std::function<void(const MemoryReport&)>;

}  // namespace ring3::machine
