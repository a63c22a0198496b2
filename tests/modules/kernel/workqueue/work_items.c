// SPDX-License-Identifier: GPL-2.0-only
/* One work item: its pending bit, queueing itself, being freed by its function, cancelled and
 * flushed while it waits and while it runs. */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "check.h"

static struct workqueue_struct *queue;
static DECLARE_COMPLETION(started);
static DECLARE_COMPLETION(go_on);
static DECLARE_COMPLETION(ended);
static int rounds, freed;

static void again(struct work_struct *work)
{
	CHECK(!work_pending(work) && work_busy(work) == WORK_BUSY_RUNNING);
	CHECK(current_work() == work && (current->flags & PF_WQ_WORKER));
	CHECK(!in_interrupt() && !current->mm && (current->flags & PF_KTHREAD));
	if (++rounds < 5) {
		CHECK(queue_work(queue, work));
		CHECK(work_pending(work) && !queue_work(queue, work));
		CHECK(work_busy(work) == (WORK_BUSY_PENDING | WORK_BUSY_RUNNING));
	}
}

static void frees_itself(struct work_struct *work)
{
	kfree(work);
	freed++;
}

static void holds(struct work_struct *work)
{
	complete(&started);
	wait_for_completion(&go_on);
	complete(&ended);
}

static void never(struct work_struct *work)
{
	pr_err("work_items: FAIL a cancelled item ran\n");
}

/* Queues itself for ever; only cancelling ends that. */
static void forever(struct work_struct *work)
{
	queue_work(queue, work);
	complete(&started);
	cond_resched();
}

static void by_call(struct work_struct *work)
{
	rounds++;
}

static DECLARE_WORK(again_work, again);
static DECLARE_WORK(holding, holds);
static DECLARE_WORK(behind, never);
static DECLARE_WORK(forever_work, forever);
static struct execute_work called;

static int __init work_items_init(void)
{
	struct work_struct *own = kmalloc(sizeof(*own), GFP_KERNEL);

	queue = alloc_ordered_workqueue("ring3_items", 0);
	if (!queue || !own)
		return -ENOMEM;
	CHECK(!current_work());
	CHECK(!work_pending(&again_work) && !work_busy(&again_work));
	CHECK(!flush_work(&again_work) && !cancel_work_sync(&again_work));
	CHECK(queue_work(queue, &again_work));
	drain_workqueue(queue);
	pr_info("work_items: it ran %d times\n", rounds);
	CHECK(!work_busy(&again_work));

	INIT_WORK(own, frees_itself);
	CHECK(queue_work(queue, own));
	flush_workqueue(queue);
	CHECK(freed == 1);

	/* The queue is ordered: what is behind the first item waits. */
	CHECK(queue_work(queue, &holding));
	wait_for_completion(&started);
	CHECK(!work_pending(&holding) && work_busy(&holding) == WORK_BUSY_RUNNING);
	CHECK(queue_work(queue, &behind));
	CHECK(work_busy(&behind) == WORK_BUSY_PENDING);
	CHECK(cancel_work_sync(&behind) && !work_pending(&behind) && !work_busy(&behind));
	CHECK(queue_work(queue, &behind));
	CHECK(cancel_work(&behind) && !cancel_work(&behind));
	/* Again while it runs, then taken back: true, for it was pending, and it runs on. */
	CHECK(queue_work(queue, &holding));
	CHECK(cancel_work(&holding) && work_busy(&holding) == WORK_BUSY_RUNNING);
	CHECK(!completion_done(&ended));
	complete(&go_on);
	cancel_work_sync(&holding);
	CHECK(try_wait_for_completion(&ended));

	reinit_completion(&started);
	CHECK(queue_work(queue, &forever_work));
	wait_for_completion(&started);
	cancel_work_sync(&forever_work);
	CHECK(!work_busy(&forever_work));
	flush_workqueue(queue);

	rounds = 0;
	CHECK(execute_in_process_context(by_call, &called) == 0 && rounds == 1);
	destroy_workqueue(queue);
	DONE();
	return 0;
}

static void __exit work_items_exit(void)
{
}

module_init(work_items_init);
module_exit(work_items_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
