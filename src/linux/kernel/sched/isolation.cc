// SPDX-License-Identifier: GPL-2.0-only
// Housekeeping: which CPUs do the kernel's own work when others are isolated by boot parameters.
// There are no such parameters, so every CPU does.
#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/sched.h"
#include "linux/kernel/sched/sched.h"

namespace ring3::kernel {
namespace {

// Static keys that are off.
KDATA_INIT(housekeeping_overridden, Real, "static_key_false", 0)
{}
KDATA_INIT(sched_smt_present, Real, "static_key_false", 0)
{}

KAPI(housekeeping_enabled, Real, bool, (unsigned type)) { return false; }
KAPI(housekeeping_any_cpu, Real, int, (unsigned type)) { return static_cast<int>(this_cpu()); }
KAPI(housekeeping_cpumask, Real, const k::cpumask*, (unsigned type)) {
  return running().binding->address("__cpu_possible_mask").as<const k::cpumask>();
}
KAPI(housekeeping_test_cpu, Real, bool, (int cpu, unsigned type)) { return true; }
KAPI(housekeeping_affine, Real, void, (k::task_struct * task, unsigned type)) {}

}  // namespace
}  // namespace ring3::kernel
