// SPDX-License-Identifier: GPL-2.0-only
/* Divides by zero. */
#include <linux/module.h>
#include <linux/compiler.h>

static noinline void oops_divide(void)
{
	int zero = 0;

	OPTIMIZER_HIDE_VAR(zero);
	pr_info("oops_divide: %d\n", 100 / zero);
}

static int __init oops_divide_init(void)
{
	pr_info("oops_divide: before\n");
	oops_divide();
	pr_info("oops_divide: after\n");
	return 0;
}

static void __exit oops_divide_exit(void)
{
}

module_init(oops_divide_init);
module_exit(oops_divide_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
