// SPDX-License-Identifier: GPL-2.0-only
/* Loads well and crashes in exit: rmmod dies, the module stays half gone. */
#include <linux/module.h>
#include <linux/compiler.h>

static int __init oops_exit_init(void)
{
	pr_info("oops_exit: loaded\n");
	return 0;
}

static void __exit oops_exit_exit(void)
{
	int *pointer = NULL;

	OPTIMIZER_HIDE_VAR(pointer);
	pr_info("oops_exit: before\n");
	*pointer = 42;
}

module_init(oops_exit_init);
module_exit(oops_exit_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
