// SPDX-License-Identifier: GPL-2.0-only
/* Writes to its own read-only data. */
#include <linux/module.h>
#include <linux/compiler.h>

static const int constant[2] = {1, 2};

static noinline void oops_read_only(void)
{
	int *pointer = (int *)constant;

	OPTIMIZER_HIDE_VAR(pointer);
	*pointer = 3;
}

static int __init oops_read_only_init(void)
{
	pr_info("oops_read_only: before\n");
	oops_read_only();
	pr_info("oops_read_only: after\n");
	return 0;
}

static void __exit oops_read_only_exit(void)
{
}

module_init(oops_read_only_init);
module_exit(oops_read_only_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
