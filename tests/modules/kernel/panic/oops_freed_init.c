// SPDX-License-Identifier: GPL-2.0-only
/* Calls a function of its own that went with init memory. */
#include <linux/module.h>

static noinline __init int early(int n)
{
	return n + 1;
}

static int (*volatile hook)(int);

static int __init oops_freed_init_init(void)
{
	hook = early;
	pr_info("oops_freed_init: %d\n", hook(1));
	return 0;
}

static void __exit oops_freed_init_exit(void)
{
	pr_info("oops_freed_init: %d\n", hook(2));
}

module_init(oops_freed_init_init);
module_exit(oops_freed_init_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
