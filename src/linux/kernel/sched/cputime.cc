// SPDX-License-Identifier: GPL-2.0-only
// Accounting: where CPUs and tasks spend their time, how loaded the machine is. Nothing is counted;
// what modules read stays zero.
#include <cstring>

#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/sched.h"

namespace ring3::k {
struct kernel_cpustat;
}  // namespace ring3::k

namespace ring3::kernel {

KSIZE(kernel_cpustat);

namespace {

constexpr char kNotCounted[] = "time is not accounted to tasks and CPUs";
KPERCPU_INIT(kernel_cpustat, Partial(kNotCounted), "kernel_cpustat", 0) {}
KPERCPU_INIT(kstat, Partial("interrupts are not counted"), "kernel_stat", 0) {}
KDATA_INIT(avenrun, Partial("the load is not measured"), nullptr, 3 * sizeof(unsigned long))
{}

KAPI(kcpustat_field, Partial(kNotCounted), uint64_t,
     (k::kernel_cpustat * stat, unsigned usage, int cpu)) {
  return reinterpret_cast<const uint64_t*>(stat)[usage];
}
KAPI(kcpustat_cpu_fetch, Partial(kNotCounted), void, (k::kernel_cpustat * stat, int cpu)) {
  std::memset(static_cast<void*>(stat), 0, sizeof_kernel_cpustat());
}
KAPI(psi_memstall_enter, Stub("pressure is not measured"), void, (unsigned long* flags)) {}
KAPI(psi_memstall_leave, Stub("pressure is not measured"), void, (unsigned long* flags)) {}
constexpr char kNoGroups[] = "the run queue is first come, first served: there are no groups";
KAPI(sched_autogroup_create_attach, Stub(kNoGroups), void, (k::task_struct * task)) {}
KAPI(sched_autogroup_detach, Stub(kNoGroups), void, (k::task_struct * task)) {}
constexpr char kSteadyClock[] = "the clock does not stop when a CPU is idle";
KAPI(sched_clock_idle_sleep_event, Stub(kSteadyClock), void, ()) {}
KAPI(sched_clock_idle_wakeup_event, Stub(kSteadyClock), void, ()) {}

}  // namespace
}  // namespace ring3::kernel
