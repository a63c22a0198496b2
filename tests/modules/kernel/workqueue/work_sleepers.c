// SPDX-License-Identifier: GPL-2.0-only
/* A worker of a CPU's pool that sleeps lets the next item begin; a queue of one item at a time, bound
 * or ordered, does not. A worker may flush what another one does. */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#include "check.h"

static DECLARE_COMPLETION(first_runs);
static DECLARE_COMPLETION(second_ran);
static struct workqueue_struct *queue, *single;
static bool overtaken;

static void first(struct work_struct *work)
{
	complete(&first_runs);
	/* Never ends unless the second runs beside us. */
	wait_for_completion(&second_ran);
}

static void second(struct work_struct *work)
{
	complete(&second_ran);
}

static DECLARE_WORK(first_work, first);
static DECLARE_WORK(second_work, second);
static DECLARE_WORK(late, second);

static void flushes(struct work_struct *work)
{
	CHECK(queue_work_on(0, queue, &late));
	flush_work(&late);
	CHECK(!work_busy(&late));
	overtaken = true;
}
static DECLARE_WORK(flushing, flushes);

static int __init work_sleepers_init(void)
{
	queue = alloc_workqueue("ring3_sleep", 0, 0);
	single = alloc_workqueue("ring3_single", 0, 1);
	if (!queue || !single)
		return -ENOMEM;
	CHECK(queue_work_on(0, queue, &first_work));
	wait_for_completion(&first_runs);
	CHECK(queue_work_on(0, queue, &second_work));
	flush_workqueue(queue);

	reinit_completion(&first_runs);
	reinit_completion(&second_ran);
	CHECK(queue_work_on(0, single, &first_work));
	wait_for_completion(&first_runs);
	CHECK(queue_work_on(0, single, &second_work));
	CHECK(workqueue_congested(0, single) && !workqueue_congested(1, single));
	CHECK(work_busy(&second_work) == WORK_BUSY_PENDING);
	/* The other CPU has a place of its own. */
	CHECK(cancel_work_sync(&second_work));
	CHECK(queue_work_on(1, single, &second_work));
	flush_workqueue(single);

	CHECK(queue_work_on(0, queue, &flushing));
	flush_work(&flushing);
	CHECK(overtaken);
	destroy_workqueue(queue);
	destroy_workqueue(single);
	DONE();
	return 0;
}

static void __exit work_sleepers_exit(void)
{
}

module_init(work_sleepers_init);
module_exit(work_sleepers_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
