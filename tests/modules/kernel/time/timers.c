// SPDX-License-Identifier: GPL-2.0-only
/* Timers: they fire once, not before their time, in order, in softirq; they can be stopped. */
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/timer.h>

#include "check.h"

static struct timer_list early, late, stopped;
static struct hrtimer precise;
static atomic_t order;
static int rank_early, rank_late, fired_stopped, ticks;
static bool softirq;
static unsigned long due, when;

static void on_early(struct timer_list *timer)
{
	rank_early = atomic_inc_return(&order);
	softirq = in_serving_softirq() && in_interrupt();
	when = jiffies;
}

static void on_late(struct timer_list *timer)
{
	rank_late = atomic_inc_return(&order);
}

static void on_stopped(struct timer_list *timer)
{
	fired_stopped++;
}

static enum hrtimer_restart on_tick(struct hrtimer *timer)
{
	if (++ticks == 3)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, ms_to_ktime(2));
	return HRTIMER_RESTART;
}

static int __init timers_init(void)
{
	unsigned long flags;
	int i;

	timer_setup(&early, on_early, 0);
	timer_setup(&late, on_late, 0);
	timer_setup(&stopped, on_stopped, 0);
	/* With interrupts off, so that however long this takes none fires before all are armed. */
	local_irq_save(flags);
	due = jiffies + 5;
	CHECK(mod_timer(&late, due + 15) == 0);
	CHECK(mod_timer(&early, due) == 0);
	CHECK(timer_pending(&early) && timer_pending(&late));
	local_irq_restore(flags);
	CHECK(mod_timer(&stopped, jiffies + 100 * HZ) == 0 && timer_pending(&stopped));
	CHECK(mod_timer(&stopped, jiffies + 200 * HZ) == 1);
	CHECK(del_timer_sync(&stopped) == 1 && del_timer(&stopped) == 0);
	CHECK(!timer_pending(&stopped));
	hrtimer_init(&precise, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	precise.function = on_tick;
	hrtimer_start(&precise, ms_to_ktime(2), HRTIMER_MODE_REL);
	for (i = 0; i < 100 && (ticks < 3 || !rank_late); i++)
		msleep(20);
	CHECK(time_after_eq(when, due) && softirq);
	CHECK(!hrtimer_active(&precise) && hrtimer_cancel(&precise) == 0);
	pr_info("timers: early %d late %d stopped %d ticks %d\n", rank_early, rank_late,
		fired_stopped, ticks);
	return 0;
}

static void __exit timers_exit(void)
{
	del_timer_sync(&early);
	del_timer_sync(&late);
}

module_init(timers_init);
module_exit(timers_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
