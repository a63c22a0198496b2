// SPDX-License-Identifier: GPL-2.0-only
/* How a queue's limit follows what its device completes. */
#include <linux/module.h>
#include <linux/netdevice.h>

#include "check.h"

static struct dql dql;

static void show(const char *when)
{
	pr_info("queue_limits: %s limit %u, avail %d, over %u, slack %u\n", when, dql.limit,
		dql_avail(&dql), dql.prev_ovlimit, dql.lowest_slack);
}

static int __init queue_limits_init(void)
{
	int i;

	dql_init(&dql, 1000 * HZ);
	show("new");
	for (i = 0; i < 4; i++) {
		dql_queued(&dql, 100);
		dql_completed(&dql, 100);
		show("starved");
	}
	for (i = 0; i < 6; i++)
		dql_queued(&dql, 150);
	for (i = 0; i < 6; i++) {
		dql_completed(&dql, 150);
		show("drained");
		dql_queued(&dql, 40 * i);
	}
	dql_completed(&dql, 10);
	show("busy");
	dql_reset(&dql);
	show("reset");
	DONE();
	return 0;
}

static void __exit queue_limits_exit(void)
{
}

module_init(queue_limits_init);
module_exit(queue_limits_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
