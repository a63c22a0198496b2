// SPDX-License-Identifier: GPL-2.0-only
/* BUG_ON() with a true condition. */
#include <linux/module.h>
#include <linux/bug.h>
#include <linux/compiler.h>

static noinline void oops_bug_on(void)
{
	int yes = 1;

	OPTIMIZER_HIDE_VAR(yes);
	BUG_ON(yes);
}

static int __init oops_bug_on_init(void)
{
	pr_info("oops_bug_on: before\n");
	oops_bug_on();
	pr_info("oops_bug_on: after\n");
	return 0;
}

static void __exit oops_bug_on_exit(void)
{
}

module_init(oops_bug_on_init);
module_exit(oops_bug_on_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
