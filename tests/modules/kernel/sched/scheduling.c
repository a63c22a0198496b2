// SPDX-License-Identifier: GPL-2.0-only
/* Priorities as they are noted, a task that stays on its CPU, housekeeping, work of a task. */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/isolation.h>
#include <linux/sched/task.h>
#include <linux/task_work.h>

#include "check.h"

static struct callback_head at_return[3];
static struct callback_head at_exit, too_late;
static struct task_struct *thread_task;
static DECLARE_COMPLETION(ended);

static void returning(struct callback_head *work)
{
	pr_info("scheduling: task work %d in %s\n", (int)(work - at_return), current->comm);
}

static void exiting(struct callback_head *work)
{
	CHECK(current == thread_task);
	complete(&ended);
}

static int thread(void *data)
{
	int cpu, i;

	migrate_disable();
	migrate_disable();
	cpu = smp_processor_id();
	CHECK(current->migration_disabled);
	for (i = 0; i < 100; i++) {
		cond_resched();
		CHECK(cpu == smp_processor_id());
	}
	migrate_enable();
	CHECK(current->migration_disabled);
	migrate_enable();
	CHECK(!current->migration_disabled);

	set_user_nice(current, 5);
	CHECK(task_nice(current) == 5 && current->prio == 125);
	sched_set_fifo(current);
	CHECK(current->policy == SCHED_FIFO && current->rt_priority == MAX_RT_PRIO / 2);
	sched_set_fifo_low(current);
	CHECK(current->prio == MAX_RT_PRIO - 2);
	sched_set_normal(current, -3);
	CHECK(current->policy == SCHED_NORMAL && current->prio == 117 && task_nice(current) == -3);

	thread_task = current;
	init_task_work(&at_exit, exiting);
	CHECK(task_work_add(current, &at_exit, TWA_NONE) == 0);
	return 0;
}

static int __init scheduling_init(void)
{
	struct task_struct *task;
	int i;

	CHECK(!housekeeping_enabled(HK_TYPE_TIMER) && housekeeping_test_cpu(0, HK_TYPE_TIMER));
	CHECK(cpumask_equal(housekeeping_cpumask(HK_TYPE_TIMER), cpu_possible_mask));
	CHECK(cpu_possible(housekeeping_any_cpu(HK_TYPE_TIMER)));
	task = kthread_create(thread, NULL, "ring3_scheduling");
	if (IS_ERR(task))
		return PTR_ERR(task);
	get_task_struct(task);
	wake_up_process(task);
	wait_for_completion(&ended);
	CHECK(kthread_stop(task) == 0);
	while (!READ_ONCE(task->exit_state))
		cond_resched();
	init_task_work(&too_late, exiting);
	CHECK(task_work_add(task, &too_late, TWA_NONE) == -ESRCH);
	put_task_struct(task);
	for (i = 0; i < ARRAY_SIZE(at_return); i++) {
		init_task_work(&at_return[i], returning);
		CHECK(task_work_add(current, &at_return[i], TWA_RESUME) == 0);
	}
	DONE();
	return 0;
}

static void __exit scheduling_exit(void)
{
}

module_init(scheduling_init);
module_exit(scheduling_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
