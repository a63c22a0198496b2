// SPDX-License-Identifier: GPL-2.0-only
/* Items that are disabled cannot be queued; BH queues run items in softirqs. Both since 6.10, so on an
 * older kernel there is nothing to test. */
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/version.h>
#include <linux/workqueue.h>

#include "check.h"

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
static int ran;

static void count(struct work_struct *work)
{
	ran++;
}

static void in_softirq_context(struct work_struct *work)
{
	CHECK(in_serving_softirq() && !current_work());
	CHECK(!work_pending(work));
	if (++ran < 3)
		CHECK(queue_work(system_bh_wq, work));
}

static DECLARE_WORK(item, count);
static DECLARE_DELAYED_WORK(delayed, count);
static DECLARE_WORK(bh_item, in_softirq_context);

static void disabling(void)
{
	CHECK(!disable_work(&item) && !schedule_work(&item) && !work_pending(&item));
	CHECK(!disable_work_sync(&item));
	CHECK(!enable_work(&item) && !schedule_work(&item));
	CHECK(enable_work(&item) && schedule_work(&item));
	flush_work(&item);
	CHECK(ran == 1);

	CHECK(schedule_delayed_work(&delayed, 3600 * HZ));
	CHECK(disable_delayed_work_sync(&delayed) && !delayed_work_pending(&delayed));
	CHECK(!schedule_delayed_work(&delayed, 1));
	CHECK(!mod_delayed_work(system_wq, &delayed, 1) && !delayed_work_pending(&delayed));
	CHECK(!disable_delayed_work(&delayed) && !enable_delayed_work(&delayed));
	CHECK(enable_delayed_work(&delayed));
	CHECK(schedule_delayed_work(&delayed, 3600 * HZ) && cancel_delayed_work_sync(&delayed));
	CHECK(ran == 1);
}

static void bottom_halves(void)
{
	struct workqueue_struct *queue = alloc_workqueue("ring3_bh", WQ_BH | WQ_HIGHPRI, 0);

	CHECK(queue);
	ran = 0;
	CHECK(queue_work(system_bh_wq, &bh_item));
	while (READ_ONCE(ran) < 3)
		cond_resched();
	cancel_work_sync(&bh_item);
	CHECK(ran == 3);
	CHECK(queue_work_on(1, queue, &bh_item));
	flush_work(&bh_item);
	CHECK(ran == 4);
	destroy_workqueue(queue);
}
#endif

static int __init work_disabled_init(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
	disabling();
	bottom_halves();
#endif
	DONE();
	return 0;
}

static void __exit work_disabled_exit(void)
{
}

module_init(work_disabled_init);
module_exit(work_disabled_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
