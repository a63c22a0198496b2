// SPDX-License-Identifier: GPL-2.0-only
/* Counters with a part for each CPU. */
#include <linux/module.h>
#include <linux/percpu_counter.h>

#include "check.h"

static int __init percpu_counts_init(void)
{
	struct percpu_counter counter;
	int i;

	CHECK(percpu_counter_batch >= 32);
	CHECK(percpu_counter_init(&counter, 5, GFP_KERNEL) == 0);
	CHECK(percpu_counter_initialized(&counter) && percpu_counter_read(&counter) == 5);
	preempt_disable();
	for (i = 0; i < 10; i++)
		percpu_counter_inc(&counter);
	pr_info("percpu_counts: read %lld, sum %lld\n", percpu_counter_read(&counter),
		percpu_counter_sum(&counter));
	percpu_counter_add(&counter, 1000);
	pr_info("percpu_counts: read %lld, sum %lld\n", percpu_counter_read(&counter),
		percpu_counter_sum(&counter));
	percpu_counter_add_batch(&counter, -7, 7);
	percpu_counter_sub(&counter, 3);
	percpu_counter_add_local(&counter, 400);
	pr_info("percpu_counts: read %lld, sum %lld\n", percpu_counter_read(&counter),
		percpu_counter_sum(&counter));
	percpu_counter_sync(&counter);
	pr_info("percpu_counts: read %lld\n", percpu_counter_read(&counter));
	preempt_enable();
	CHECK(percpu_counter_compare(&counter, 1405) == 0 &&
	      percpu_counter_compare(&counter, 1404) == 1 &&
	      percpu_counter_compare(&counter, 100000) == -1);
	percpu_counter_set(&counter, -2);
	CHECK(percpu_counter_sum(&counter) == -2 && percpu_counter_sum_positive(&counter) == 0 &&
	      percpu_counter_read_positive(&counter) == 0);
	percpu_counter_destroy(&counter);
	CHECK(!percpu_counter_initialized(&counter));
	percpu_counter_destroy(&counter);
	DONE();
	return 0;
}

static void __exit percpu_counts_exit(void)
{
}

module_init(percpu_counts_init);
module_exit(percpu_counts_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
