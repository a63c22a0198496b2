// SPDX-License-Identifier: GPL-2.0-only
// The address space of a task. The kernel side of a user program has a struct mm_struct, made when
// the task begins and counted as Linux counts it (users, and references to the struct); kernel
// threads have none, unless they borrow one. Its memory map is empty: a program's memory is the
// host's, and src/user reads it.
#include "base/check.h"
#include "kapi/kapi.h"
#include "linux/include/list.h"
#include "linux/include/slab.h"
#include "linux/kernel/cred_fields.h"
#include "linux/kernel/fork.h"
#include "linux/kernel/kthread.h"

namespace ring3::kernel {

KSIZE(mm_struct);
KPLACE(mm_struct, mm_users, users);
KPLACE(mm_struct, mm_count, count);
KPLACE(mm_struct, mmap_lock.wait_list, lock_waiters);
KPLACE(mm_struct, mmlist, mmlist);
KFIELD(mm_struct, user_ns, k::user_namespace*);

namespace {

void drop(k::mm_struct* mm) {
  if (word<int>(mm_struct_count(mm)).fetch_sub(1) == 1) kernel_free(mm);
}
void put(k::mm_struct* mm) {
  if (word<int>(mm_struct_users(mm)).fetch_sub(1) == 1) drop(mm);
}

}  // namespace

void mm_attach() {
  auto* mm = static_cast<k::mm_struct*>(
      kernel_allocate_for(0, sizeof_mm_struct(), kGfpKernel | kGfpZero | kGfpNoFail));
  CHECK(mm, "no memory for an address space");
  word<int>(mm_struct_users(mm)) = word<int>(mm_struct_count(mm)) = 1;
  list_init(mm_struct_lock_waiters(mm));
  list_init(mm_struct_mmlist(mm));
  mm_struct_user_ns(mm) = cred_user_ns(current_cred());
  task_struct_mm(current()) = task_struct_active_mm(current()) = mm;
}

void mm_detach(k::task_struct* task) {
  k::mm_struct* mm = task_struct_mm(task);
  task_struct_mm(task) = task_struct_active_mm(task) = nullptr;
  if (mm && !(task_struct_flags(task) & kKthreadFlag)) put(mm);
}

namespace {

KAPI(get_task_mm, Real, k::mm_struct*, (k::task_struct * task)) {
  k::mm_struct* mm = task_struct_mm(task);
  if (!mm || (task_struct_flags(task) & kKthreadFlag)) return nullptr;
  word<int>(mm_struct_users(mm)).fetch_add(1);
  return mm;
}
KAPI(mmput, Real, void, (k::mm_struct * mm)) {
  might_sleep();
  put(mm);
}
KAPI(mmput_async, Real, void, (k::mm_struct * mm)) { put(mm); }
// The inlined half took the count to zero.
KAPI(__mmdrop, Real, void, (k::mm_struct * mm)) { kernel_free(mm); }

}  // namespace
}  // namespace ring3::kernel
