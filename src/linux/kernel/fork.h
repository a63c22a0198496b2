// SPDX-License-Identifier: GPL-2.0-only
// Every task of the machine has a task_struct, made with it and freed with it (and with the last
// reference a module took). What the runtime needs to know of a task besides lies behind the
// struct, where no module looks.
#pragma once

#include <atomic>
#include <functional>

#include "linux/include/sched.h"

namespace ring3::kernel {

struct Kthread;  // kthread.cc

KFIELD(task_struct, mm, k::mm_struct*);
KFIELD(task_struct, active_mm, k::mm_struct*);

struct TaskExtra {
  machine::Task* task = nullptr;  // null once it is gone
  Kthread* kthread = nullptr;
  int rcu_index = 0;  // which counter its read-side section stands in
  bool linked = false;
};

// Of a task_struct that tasks_init or a new task made.
TaskExtra& extra(const k::task_struct* task);

// Signals, as far as tasks of the machine are concerned: marks one pending and ends sleeps that it
// may end. SIGKILL is fatal, as is whatever the user side says is.
void send_signal_to(k::task_struct* task, int signal, bool fatal);
void clear_signals(k::task_struct* task);

void set_task_comm(k::task_struct* task, const char* name);
k::task_struct* init_task();
// kthreadd, the parent of kernel threads (init_task while there is none).
void reparent_to_kthreadd(k::task_struct* task);
void set_allowed_cpus(k::task_struct* task, uint64_t cpus);
// The running task gets an address space (it is the kernel side of a user program), or ends and
// gives it up.
void mm_attach();
void mm_detach(k::task_struct* task);
void put_task_struct(k::task_struct* task);
// The task with this pid, or null; with the task list locked for as long as `fn` runs.
bool with_task(int pid, const std::function<void(k::task_struct*)>& fn);

}  // namespace ring3::kernel
