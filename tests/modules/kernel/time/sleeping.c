// SPDX-License-Identifier: GPL-2.0-only
/* Sleeping takes at least as long as asked; jiffies and the clocks move on and never back. */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "check.h"

static int __init sleeping_init(void)
{
	unsigned long before = jiffies;
	ktime_t start = ktime_get(), last = start, now;
	u64 j64;
	int i;

	pr_info("sleeping: HZ %d, 100 ms are %lu jiffies, 10 jiffies are %u ms\n", HZ,
		msecs_to_jiffies(100), jiffies_to_msecs(10));
	msleep(50);
	CHECK(time_after_eq(jiffies, before + msecs_to_jiffies(50)));
	CHECK(ktime_ms_delta(ktime_get(), start) >= 50);
	start = ktime_get();
	usleep_range(2000, 4000);
	CHECK(ktime_us_delta(ktime_get(), start) >= 2000);
	start = ktime_get();
	udelay(100);
	mdelay(2);
	/* How long is not judged: busy waiting counts cycles, calibrated as the machine boots. */
	CHECK(ktime_compare(ktime_get(), start) > 0);
	for (i = 0; i < 1000; i++) {
		now = ktime_get();
		CHECK(ktime_compare(now, last) >= 0);
		last = now;
	}
	before = jiffies;
	set_current_state(TASK_UNINTERRUPTIBLE);
	CHECK(schedule_timeout(5) == 0);
	CHECK(jiffies - before >= 5);
	CHECK(schedule_timeout_uninterruptible(0) == 0);
	CHECK(msleep_interruptible(10) == 0);
	ssleep(0);
	CHECK(ktime_get_real_seconds() > 1600000000);
	start = ktime_get();
	CHECK(ktime_compare(ktime_get_boottime(), start) >= 0);
	before = jiffies;
	j64 = get_jiffies_64();
	CHECK(time_in_range((unsigned long)j64, before, jiffies));
	DONE();
	return 0;
}

static void __exit sleeping_exit(void)
{
}

module_init(sleeping_init);
module_exit(sleeping_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
