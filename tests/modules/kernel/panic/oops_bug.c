// SPDX-License-Identifier: GPL-2.0-only
/* BUG(). */
#include <linux/module.h>
#include <linux/bug.h>

static noinline void oops_bug(void)
{
	BUG();
}

static int __init oops_bug_init(void)
{
	pr_info("oops_bug: before\n");
	oops_bug();
	pr_info("oops_bug: after\n");
	return 0;
}

static void __exit oops_bug_exit(void)
{
}

module_init(oops_bug_init);
module_exit(oops_bug_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
