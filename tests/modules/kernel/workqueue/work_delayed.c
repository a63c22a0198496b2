// SPDX-License-Identifier: GPL-2.0-only
/* Delayed work: when it runs, what changing and cancelling it return; a queue's flush does not wait
 * for a timer. */
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#include "check.h"

static struct workqueue_struct *queue;
static DECLARE_COMPLETION(ran);
static unsigned long ran_at;
static int rounds;

static void note(struct work_struct *work)
{
	struct delayed_work *delayed = to_delayed_work(work);

	ran_at = jiffies;
	CHECK(!delayed_work_pending(delayed));
	rounds++;
	complete(&ran);
}

static void poll(struct work_struct *work)
{
	if (++rounds < 4)
		CHECK(queue_delayed_work(queue, to_delayed_work(work), 1));
	else
		complete(&ran);
}

static DECLARE_DELAYED_WORK(delayed, note);
static DECLARE_DELAYED_WORK(polling, poll);
static DECLARE_DEFERRABLE_WORK(deferrable, note);

static int __init work_delayed_init(void)
{
	unsigned long start = jiffies;

	queue = alloc_workqueue("ring3_delayed", 0, 0);
	if (!queue)
		return -ENOMEM;
	CHECK(queue_delayed_work(queue, &delayed, 5));
	CHECK(delayed_work_pending(&delayed) && timer_pending(&delayed.timer));
	CHECK(work_busy(&delayed.work) == WORK_BUSY_PENDING);
	wait_for_completion(&ran);
	CHECK(time_after_eq(ran_at, start + 5));
	flush_workqueue(queue);

	/* No delay: at once, without the timer. */
	CHECK(queue_delayed_work(queue, &delayed, 0) && !timer_pending(&delayed.timer));
	wait_for_completion(&ran);
	flush_workqueue(queue);

	/* An hour, which nobody waits for. */
	rounds = 0;
	CHECK(queue_delayed_work(queue, &delayed, 3600 * HZ));
	flush_workqueue(queue);
	CHECK(rounds == 0 && delayed_work_pending(&delayed));
	CHECK(mod_delayed_work(queue, &delayed, 7200 * HZ));
	CHECK(cancel_delayed_work(&delayed) && !cancel_delayed_work(&delayed));
	CHECK(!delayed_work_pending(&delayed) && !timer_pending(&delayed.timer));
	CHECK(!mod_delayed_work(queue, &delayed, 3600 * HZ));
	CHECK(mod_delayed_work(queue, &delayed, 0));
	wait_for_completion(&ran);
	CHECK(rounds == 1);
	CHECK(queue_delayed_work(queue, &delayed, 3600 * HZ));
	CHECK(flush_delayed_work(&delayed) || rounds == 2);
	CHECK(rounds == 2 && !flush_delayed_work(&delayed));
	CHECK(queue_delayed_work_on(1, queue, &deferrable, 3600 * HZ));
	CHECK(cancel_delayed_work_sync(&deferrable) && !cancel_delayed_work_sync(&deferrable));

	rounds = 0;
	reinit_completion(&ran);
	CHECK(queue_delayed_work(queue, &polling, 1));
	wait_for_completion(&ran);
	cancel_delayed_work_sync(&polling);
	pr_info("work_delayed: polled %d times\n", rounds);
	destroy_workqueue(queue);
	DONE();
	return 0;
}

static void __exit work_delayed_exit(void)
{
}

module_init(work_delayed_init);
module_exit(work_delayed_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
