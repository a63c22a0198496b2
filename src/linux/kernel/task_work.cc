// SPDX-License-Identifier: GPL-2.0-only
// Functions that a task runs before it returns to user mode, or when it ends: a list in task_struct
// that others push to, the last one first. A task that an oops kills runs none (Linux's does).
#include "linux/kernel/task_work.h"

#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/sched.h"
#include "machine/parking.h"

namespace ring3::k {
struct callback_head;
}  // namespace ring3::k

namespace ring3::kernel {

KPLACE(task_struct, task_works, task_works);
KFIELD_PATH(callback_head, next, next_work, k::callback_head*);
KFIELD_PATH(callback_head, func, work_function, void (*)(k::callback_head*));

namespace {

uint64_t the_end[2];  // what the list of a task that takes no more ends in

k::callback_head* end_mark() { return reinterpret_cast<k::callback_head*>(the_end); }
std::atomic<k::callback_head*>& works_of(k::task_struct* task) {
  return word<k::callback_head*>(task_struct_task_works(task));
}

KAPI(task_work_add, Partial("a task that runs in user mode is not interrupted for it"), int,
     (k::task_struct * task, k::callback_head* work, unsigned notify)) {
  k::callback_head* first = works_of(task).load();
  do {
    if (first == end_mark()) return -ESRCH;
    callback_head_next_work(work) = first;
  } while (!works_of(task).compare_exchange_weak(first, work));
  return 0;
}

}  // namespace

void task_work_run(bool for_good) {
  k::task_struct* task = current();
  while (true) {
    k::callback_head* work = works_of(task).exchange(nullptr);
    if (work == end_mark()) works_of(task) = work;
    if (!work || work == end_mark()) break;
    while (work) {
      k::callback_head* next = callback_head_next_work(work);
      callback_head_work_function(work)(work);
      work = next;
    }
  }
  k::callback_head* none = nullptr;
  if (for_good && !works_of(task).compare_exchange_strong(none, end_mark()) && none != end_mark())
    task_work_run(true);  // one more came
}

}  // namespace ring3::kernel
