// SPDX-License-Identifier: GPL-2.0-only
/* Reads through an address that no address space has (not canonical). */
#include <linux/module.h>
#include <linux/compiler.h>

static noinline void oops_wild(void)
{
	int *pointer = (int *)0x8123456789abcdef;

	OPTIMIZER_HIDE_VAR(pointer);
	pr_info("oops_wild: %d\n", READ_ONCE(*pointer));
}

static int __init oops_wild_init(void)
{
	pr_info("oops_wild: before\n");
	oops_wild();
	pr_info("oops_wild: after\n");
	return 0;
}

static void __exit oops_wild_exit(void)
{
}

module_init(oops_wild_init);
module_exit(oops_wild_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
