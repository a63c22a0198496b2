// SPDX-License-Identifier: GPL-2.0-only
// The memory of the process's one machine, its engines together: RAM, pages, heap, vmalloc space,
// per-CPU areas. Made before the machine's first CPU, destroyed after its last; one machine after
// another in a process is fine. The order in the struct is the order of need: nothing uses what
// stands below it. Locks: heap before pages; vmalloc's, per-CPU's and a heap's own are never held
// while another is taken, pages' is innermost.
#pragma once

#include <memory>

#include "machine/memory/fast_heap.h"
#include "machine/memory/guarded_heap.h"
#include "machine/memory/page_allocator.h"
#include "machine/memory/percpu.h"
#include "machine/memory/ram.h"
#include "machine/memory/vmalloc.h"

namespace ring3::machine {

struct MemoryOptions {
  Ram::Options ram;
  uint64_t vmalloc_size = 32ull << 30;
  unsigned cpus = 1;
  uint64_t percpu_area_size = 32ull << 20;
  uint64_t percpu_static_size = 48;  // kapi::Binding::percpu_static_size()
  bool guarded = false;              // the guarded heap instead of the fast one
  GuardOptions guard;
  PageHooks page_hooks;   // src/linux/mm keeps struct page in step (linux/include/memory.h)
  MemoryReporter report;  // default: to stderr
};

Result<void> create_memory(const MemoryOptions& options);
void destroy_memory();
bool has_memory();

// Of the one machine; only between create_memory() and destroy_memory().
Ram& ram();
PageAllocator& page_allocator();
Heap& heap();
VmallocSpace& vmalloc_space();
PerCpu& percpu();
inline FailPoint& allocation_fail_point() { return page_allocator().fail_point(); }

// Everything that call sites in [begin, end) hold, for the leak report at rmmod.
struct HeldMemory {
  enum Kind : uint8_t { kObject, kPages, kVmalloc, kPerCpu } kind;
  uint64_t address;  // per-CPU: the place
  uint64_t size;
  uint64_t owner;
  const char* cache;  // of objects; may be null
};
void for_each_held(uint64_t begin, uint64_t end, const std::function<void(const HeldMemory&)>& fn);

}  // namespace ring3::machine
