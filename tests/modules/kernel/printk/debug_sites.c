// SPDX-License-Identifier: GPL-2.0-only
/* pr_debug() sites that the dyndbg parameter switches on and decorates. */
#include <linux/module.h>

static noinline void inner(void)
{
	pr_debug("inner message\n");
}

static int __init debug_sites_init(void)
{
	pr_debug("outer message\n");
	inner();
	pr_info("debug_sites: done\n");
	return 0;
}

static void __exit debug_sites_exit(void)
{
	pr_debug("exit message\n");
}

module_init(debug_sites_init);
module_exit(debug_sites_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
