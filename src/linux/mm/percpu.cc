// SPDX-License-Identifier: GPL-2.0-only
// alloc_percpu() and where the areas lie. A per-CPU pointer is a place, the same small number in
// every area (machine/memory/percpu.h); __per_cpu_offset[cpu] is the area.
#include "machine/memory/percpu.h"

#include <fmt/format.h>

#include <atomic>
#include <bit>

#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/bug.h"
#include "linux/include/kernel.h"
#include "linux/include/printk.h"
#include "linux/mm/mm.h"
#include "machine/memory/memory.h"

namespace ring3::kernel {
namespace {

constexpr size_t kLargestUnit = 32768;  // PCPU_MIN_UNIT_SIZE

constexpr size_t kReserve = 8192;  // PERCPU_MODULE_RESERVE, for the modules' own variables

std::atomic<size_t> reserve_used{0};

bool legal(size_t size, size_t align) {
  return size && size <= kLargestUnit && align <= machine::kPageBytes && std::has_single_bit(align);
}

std::string illegal(size_t size, size_t align) {
  return fmt::format("illegal size ({}) or align ({}) for percpu allocation\n", size, align);
}

void* allocate(size_t size, size_t align, gfp_t gfp) {
  if (!legal(size, align)) {
    if (!(gfp & kGfpNoWarn)) kernel_warning("%s", illegal(size, align).c_str());
    return nullptr;
  }
  return reinterpret_cast<void*>(
      machine::percpu().allocate(size, align, module_caller(), !(gfp & kGfpNoFail)));
}

KAPI(__alloc_percpu, Real, void*, (size_t size, size_t align)) {
  return allocate(size, align, kGfpKernel);
}
KAPI(__alloc_percpu_gfp, Real, void*, (size_t size, size_t align, gfp_t gfp)) {
  return allocate(size, align, gfp);
}
KAPI(pcpu_alloc_noprof, Real, void*, (size_t size, size_t align, bool, gfp_t gfp)) {
  return allocate(size, align, gfp);
}
KAPI(free_percpu, Real, void, (void* pointer)) {
  if (pointer) machine::percpu().free(reinterpret_cast<uint64_t>(pointer), module_caller());
}

constexpr uint64_t kMostCpus = 8192;  // CONFIG_NR_CPUS of the distribution's kernels
KDATA_INIT(__per_cpu_offset, Real, nullptr, kMostCpus * sizeof(unsigned long))
{
  if (!machine::has_memory()) return;
  auto* offsets = static_cast<unsigned long*>(at);
  for (unsigned cpu = 0; cpu < machine::percpu().cpus(); cpu++)
    offsets[cpu] = machine::percpu().area(cpu);
}

KPERCPU_INIT(this_cpu_off, Real, nullptr, sizeof(unsigned long)) {
  *static_cast<unsigned long*>(at) = reinterpret_cast<uint64_t>(at) - percpu_this_cpu_off();
}

}  // namespace
uint64_t allocate_reserved_percpu(uint64_t size, uint64_t align) {
  if (!legal(size, align)) {
    bool profiled = running().binding->target().prototype("pcpu_alloc_noprof").has_value();
    warn_report("mm/percpu.c", 0, profiled ? "pcpu_alloc_noprof" : "pcpu_alloc",
                illegal(size, align).c_str());
    return 0;
  }
  uint64_t place = 0;
  if (reserve_used.fetch_add(size) + size <= kReserve &&
      !machine::allocation_fail_point().should_fail(0))
    place = machine::percpu().allocate(size, align, 0);
  if (place) return place;
  reserve_used -= size;
  kernel_print(KERN_WARNING
               "percpu: allocation failed, size=%zu align=%zu atomic=0, alloc from reserved chunk "
               "failed\n",
               size, align);
  if (running().dump_stack) running().dump_stack(KERN_WARNING);
  return 0;
}

void free_reserved_percpu(uint64_t place, uint64_t size) {
  machine::percpu().free(place, 0);
  reserve_used -= size;
}

}  // namespace ring3::kernel
