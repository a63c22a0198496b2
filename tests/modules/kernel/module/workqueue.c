// SPDX-License-Identifier: GPL-2.0-only
/* Has the name of something that is built into every kernel and has parameters there. */
#include <linux/module.h>

static int __init name_init(void)
{
	pr_info("workqueue: must not run\n");
	return 0;
}

module_init(name_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
