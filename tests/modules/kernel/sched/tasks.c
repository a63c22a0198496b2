// SPDX-License-Identifier: GPL-2.0-only
/* What a module sees of the task that runs init: insmod. */
#include <linux/cred.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "check.h"

static int __init tasks_init(void)
{
	CHECK(current->pid > 0 && current->mm && !(current->flags & PF_KTHREAD));
	pr_info("tasks: %s, uid %u, state %u\n", current->comm,
		from_kuid(&init_user_ns, current_uid()), READ_ONCE(current->__state));
	CHECK(task_pid_nr(current) == current->pid && current->tgid == current->pid);
	CHECK(!signal_pending(current) && capable(CAP_SYS_MODULE));
	DONE();
	return 0;
}

static void __exit tasks_exit(void)
{
}

module_init(tasks_init);
module_exit(tasks_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
