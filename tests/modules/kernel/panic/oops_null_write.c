// SPDX-License-Identifier: GPL-2.0-only
/* Writes through a null pointer in init. */
#include <linux/module.h>
#include <linux/compiler.h>

static noinline void oops_null_write(void)
{
	int *pointer = NULL;

	OPTIMIZER_HIDE_VAR(pointer);
	*pointer = 42;
}

static int __init oops_null_write_init(void)
{
	pr_info("oops_null_write: before\n");
	oops_null_write();
	pr_info("oops_null_write: after\n");
	return 0;
}

static void __exit oops_null_write_exit(void)
{
}

module_init(oops_null_write_init);
module_exit(oops_null_write_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
