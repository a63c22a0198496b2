// SPDX-License-Identifier: GPL-2.0-only
/* Notifier chains: order by priority, stopping, errors, registering twice. */
#include <linux/module.h>
#include <linux/notifier.h>

#include "check.h"

static int low(struct notifier_block *block, unsigned long action, void *data)
{
	pr_info("notifiers: low %lu\n", action);
	return NOTIFY_OK;
}

static int high(struct notifier_block *block, unsigned long action, void *data)
{
	pr_info("notifiers: high %lu\n", action);
	if (action == 2)
		return NOTIFY_STOP;
	return action == 3 ? notifier_from_errno(-EBUSY) : NOTIFY_DONE;
}

static struct notifier_block low_block = {.notifier_call = low};
static struct notifier_block high_block = {.notifier_call = high, .priority = 10};
static BLOCKING_NOTIFIER_HEAD(chain);
static RAW_NOTIFIER_HEAD(raw);

static int __init notifiers_init(void)
{
	int i;

	CHECK(blocking_notifier_chain_register(&chain, &low_block) == 0);
	CHECK(blocking_notifier_chain_register(&chain, &high_block) == 0);
	for (i = 1; i <= 3; i++)
		pr_info("notifiers: result %#x\n", blocking_notifier_call_chain(&chain, i, NULL));
	pr_info("notifiers: errno %d\n",
		notifier_to_errno(blocking_notifier_call_chain(&chain, 3, NULL)));
	CHECK(blocking_notifier_chain_unregister(&chain, &low_block) == 0);
	CHECK(blocking_notifier_chain_unregister(&chain, &low_block) == -ENOENT);
	CHECK(blocking_notifier_chain_unregister(&chain, &high_block) == 0);
	CHECK(blocking_notifier_call_chain(&chain, 1, NULL) == NOTIFY_DONE);
	CHECK(raw_notifier_chain_register(&raw, &low_block) == 0);
	CHECK(raw_notifier_call_chain(&raw, 9, NULL) == NOTIFY_OK);
	DONE();
	return 0;
}

static void __exit notifiers_exit(void)
{
}

module_init(notifiers_init);
module_exit(notifiers_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
