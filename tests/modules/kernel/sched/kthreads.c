// SPDX-License-Identifier: GPL-2.0-only
/* Kernel threads: started, asked to stop, their results; names. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "check.h"

static DECLARE_COMPLETION(started);

static int worker(void *data)
{
	pr_info("kthreads: %s runs, argument %d\n", current->comm, *(int *)data);
	complete(&started);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ);
	pr_info("kthreads: %s was asked to stop\n", current->comm);
	return 42;
}

static int never(void *data)
{
	pr_info("kthreads: must not run\n");
	return 0;
}

static int __init kthreads_init(void)
{
	int argument = 7;
	struct task_struct *task = kthread_run(worker, &argument, "ring3_worker/%d", 3);

	if (IS_ERR(task))
		return PTR_ERR(task);
	wait_for_completion(&started);
	CHECK(task->flags & PF_KTHREAD);
	CHECK(task != current && task->pid != current->pid);
	pr_info("kthreads: stopped with %d\n", kthread_stop(task));
	task = kthread_create(never, NULL, "ring3_never");
	CHECK(!IS_ERR(task));
	pr_info("kthreads: never started, stopped with %d\n", kthread_stop(task));
	return 0;
}

static void __exit kthreads_exit(void)
{
}

module_init(kthreads_init);
module_exit(kthreads_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
