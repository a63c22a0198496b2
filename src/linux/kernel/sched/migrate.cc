// SPDX-License-Identifier: GPL-2.0-only
// Tasks that stay where they are for a while, and small questions about a CPU's tasks. A task with
// migration disabled may be preempted, but runs on its CPU only.
#include "kapi/kapi.h"
#include "linux/kernel/cred_fields.h"
#include "linux/kernel/sched/sched.h"

namespace ring3::kernel {

KFIELD(task_struct, migration_disabled, unsigned short);
KPLACE(task_struct, cpus_mask, own_cpus);
KFIELD_PATH(task_struct, cpus_ptr, cpus_in_force, const k::cpumask*);
KFIELD_PATH(task_struct, nr_cpus_allowed, cpus_in_force_count, int);
KFIELD_PATH(task_struct, static_prio, nice_priority, int);

namespace {

constexpr int kNiceZero = 120, kSysNice = 23;  // CAP_SYS_NICE

uint64_t own_cpus(const k::task_struct* task) {
  return *static_cast<uint64_t*>(task_struct_own_cpus(task));
}

KAPI(migrate_disable, Real, void, ()) {
  k::task_struct* task = current();
  if (task_struct_migration_disabled(task)++) return;
  machine_().scheduler().allow_cpus(this_task(), 1ull << this_cpu());
}
KAPI(migrate_enable, Real, void, ()) {
  k::task_struct* task = current();
  if (--task_struct_migration_disabled(task)) return;
  machine_().scheduler().allow_cpus(this_task(), own_cpus(task));
}
KAPI(single_task_running, Real, bool, ()) { return !machine_().scheduler().others_waiting(); }
KAPI(kick_process, Real, void, (k::task_struct * task)) {
  machine::Task* engine = task_of(task);
  if (!engine || engine == this_task() || !machine_().scheduler().on_cpu(engine)) return;
  for (unsigned cpu = 0; cpu < machine_().cpu_count(); cpu++)
    if (cpu != this_cpu()) machine_().cpu(cpu).raise(machine::kReschedule);
}
// RLIMIT_NICE is 0 for all, so only a privileged task may be raised.
KAPI(can_nice, Real, int, (const k::task_struct* task, int nice)) {
  return nice >= task_struct_nice_priority(task) - kNiceZero ||
         cred_has_capability(current_cred(), kSysNice);
}

}  // namespace
}  // namespace ring3::kernel
