// SPDX-License-Identifier: GPL-2.0-only
// alloc_percpu() and where the areas lie. A per-CPU pointer is a place, the same small number in
// every area (machine/memory/percpu.h); __per_cpu_offset[cpu] is the area.
#include "machine/memory/percpu.h"

#include <bit>

#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/printk.h"
#include "linux/mm/mm.h"

namespace ring3::kernel {
namespace {

constexpr size_t kLargestUnit = 32768;  // PCPU_MIN_UNIT_SIZE

void* allocate(size_t size, size_t align, gfp_t gfp) {
  if (!size || size > kLargestUnit || align > machine::kPageBytes || !std::has_single_bit(align)) {
    if (!(gfp & kGfpNoWarn))
      kernel_warning("illegal size (%zu) or align (%zu) for percpu allocation\n", size, align);
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
}  // namespace ring3::kernel
