// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memory/memory.h"

#include <cstdio>

#include "base/check.h"

namespace ring3::machine {
namespace {

struct Memory {
  Ram ram;
  PageAllocator pages;
  std::unique_ptr<Heap> heap;
  VmallocSpace vmalloc;
  PerCpu percpu;
};

Memory* memory = nullptr;

}  // namespace

Result<void> create_memory(const MemoryOptions& options) {
  CHECK(!memory, "a process has one machine at a time");
  MemoryReporter report = options.report;
  if (!report)
    report = [](const MemoryReport& what) {
      std::fprintf(stderr, "ring3: %s\n", describe(what).c_str());
    };
  auto made = std::make_unique<Memory>();
  TRY(made->ram.create(options.ram));
  TRY(made->pages.create(made->ram, options.page_hooks, report));
  TRY(made->vmalloc.create(made->pages, options.vmalloc_size));
  TRY(made->percpu.create({.cpus = options.cpus,
                           .area_size = options.percpu_area_size,
                           .static_size = options.percpu_static_size,
                           .fail_point = &made->pages.fail_point(),
                           .report = report}));
  if (options.guarded)
    made->heap = std::make_unique<GuardedHeap>(made->pages, options.guard);
  else
    made->heap = std::make_unique<FastHeap>(made->pages);
  memory = made.release();
  return {};
}

void destroy_memory() {
  delete memory;
  memory = nullptr;
}

bool has_memory() { return memory != nullptr; }
Ram& ram() { return memory->ram; }
PageAllocator& page_allocator() { return memory->pages; }
Heap& heap() { return *memory->heap; }
VmallocSpace& vmalloc_space() { return memory->vmalloc; }
PerCpu& percpu() { return memory->percpu; }

void for_each_held(uint64_t begin, uint64_t end, const std::function<void(const HeldMemory&)>& fn) {
  auto inside = [=](uint64_t owner) { return owner >= begin && owner < end; };
  heap().for_each_object(begin, end, [&](const HeapObject& object) {
    fn({HeldMemory::kObject, object.address, object.size, object.owner, object.cache});
  });
  page_allocator().for_each_block([&](const PageAllocator::Block& block) {
    if (inside(block.owner))
      fn({HeldMemory::kPages, ram().address_of(block.pfn), kPageBytes << block.order, block.owner,
          nullptr});
  });
  vmalloc_space().for_each_area([&](const VmallocSpace::Area& area) {
    if (inside(area.owner))
      fn({HeldMemory::kVmalloc, area.address, area.size, area.owner, nullptr});
  });
  percpu().for_each_block([&](const PerCpu::Block& block) {
    if (inside(block.owner))
      fn({HeldMemory::kPerCpu, block.place, block.size, block.owner, nullptr});
  });
}

}  // namespace ring3::machine
