// SPDX-License-Identifier: GPL-2.0-only
/* Work items: run in order on an ordered queue, once however often queued, delayed, cancelled,
 * flushed. */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "check.h"

static struct workqueue_struct *ordered;
static int log[8], entries;

struct item {
	struct work_struct work;
	int id;
};

static struct item items[3];
static struct delayed_work delayed, cancelled;

static void note(struct work_struct *work)
{
	log[entries++] = container_of(work, struct item, work)->id;
}

static void on_delayed(struct work_struct *work)
{
	log[entries++] = 100;
}

static void on_cancelled(struct work_struct *work)
{
	log[entries++] = 999;
}

static int __init workqueues_init(void)
{
	int i;

	ordered = alloc_ordered_workqueue("ring3_ordered", 0);
	if (!ordered)
		return -ENOMEM;
	INIT_DELAYED_WORK(&delayed, on_delayed);
	INIT_DELAYED_WORK(&cancelled, on_cancelled);
	for (i = 0; i < 3; i++) {
		INIT_WORK(&items[i].work, note);
		items[i].id = i + 1;
	}
	for (i = 2; i >= 0; i--)
		CHECK(queue_work(ordered, &items[i].work));
	flush_workqueue(ordered);
	pr_info("workqueues: %d entries: %d %d %d\n", entries, log[0], log[1], log[2]);
	CHECK(queue_delayed_work(ordered, &delayed, 1000));
	CHECK(!queue_delayed_work(ordered, &delayed, 1000));
	CHECK(queue_delayed_work(ordered, &cancelled, 1000));
	CHECK(delayed_work_pending(&cancelled));
	CHECK(cancel_delayed_work_sync(&cancelled) && !cancel_delayed_work_sync(&cancelled));
	/* Runs it now. Whether there was something left to wait for (the result) is chance. */
	flush_delayed_work(&delayed);
	CHECK(!delayed_work_pending(&delayed));
	CHECK(!flush_work(&items[0].work));
	CHECK(schedule_work(&items[0].work));
	flush_work(&items[0].work);
	CHECK(!work_pending(&items[0].work));
	CHECK(mod_delayed_work(ordered, &delayed, 1000) == false);
	CHECK(mod_delayed_work(ordered, &delayed, 0) == true);
	destroy_workqueue(ordered);
	pr_info("workqueues: %d entries, the last %d %d %d\n", entries, log[3], log[4], log[5]);
	return 0;
}

static void __exit workqueues_exit(void)
{
}

module_init(workqueues_init);
module_exit(workqueues_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
