// SPDX-License-Identifier: GPL-2.0-only
// pv_ops: the table through which distribution kernels do privileged things, so that cli, sti and
// reading the interrupt flag arrive here as calls instead of as instructions that a user process
// may not run. Members that nobody has written point at nothing, and a call of one is an oops at
// address 0.
#include <cstring>

#include "kapi/binding.h"
#include "kapi/kapi.h"

extern "C" {
extern const char ring3_pv_save_fl[], ring3_pv_irq_disable[], ring3_pv_irq_enable[],
    ring3_pv_zero[], ring3_pv_nothing[], ring3_pv_spin_unlock[];
}

namespace ring3::kernel {
namespace {

struct Member {
  const char* path;
  const void* function;
};
const Member kMembers[] = {
    {"irq.save_fl", ring3_pv_save_fl},
    {"irq.irq_disable", ring3_pv_irq_disable},
    {"irq.irq_enable", ring3_pv_irq_enable},
    {"irq.safe_halt", ring3_pv_nothing},
    {"irq.halt", ring3_pv_nothing},
    {"cpu.io_delay", ring3_pv_nothing},
    {"lock.queued_spin_unlock", ring3_pv_spin_unlock},
    {"lock.vcpu_is_preempted", ring3_pv_zero},
};

KDATA_INIT(pv_ops, Partial("interrupt flag, halt and lock members only"), "paravirt_patch_template",
           0)
{
  for (const Member& member : kMembers) {
    auto field = binding.target().field("paravirt_patch_template", member.path);
    if (field) std::memcpy(static_cast<char*>(at) + field->offset, &member.function, sizeof(void*));
  }
}

}  // namespace
}  // namespace ring3::kernel
