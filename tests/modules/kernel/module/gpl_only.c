// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that is not under the GPL but wants a GPL-only symbol. modpost would refuse, so the
 * licence is changed afterwards.
 */
// after modpost: "license=GPL v2" becomes "license=Closed"
#include <linux/module.h>
#include <linux/workqueue.h>

static int __init gpl_only_init(void)
{
	pr_info("gpl_only: must not run, %d\n", workqueue_congested(0, system_wq));
	return 0;
}

static void __exit gpl_only_exit(void)
{
}

module_init(gpl_only_init);
module_exit(gpl_only_exit);

MODULE_LICENSE("GPL v2");
MODULE_DESCRIPTION("Ring 3 test module");
