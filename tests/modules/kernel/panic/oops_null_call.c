// SPDX-License-Identifier: GPL-2.0-only
/* Calls a null function pointer. */
#include <linux/module.h>
#include <linux/compiler.h>

static noinline void oops_null_call(void)
{
	void (*function)(void) = NULL;

	OPTIMIZER_HIDE_VAR(function);
	function();
	barrier();
}

static int __init oops_null_call_init(void)
{
	pr_info("oops_null_call: before\n");
	oops_null_call();
	pr_info("oops_null_call: after\n");
	return 0;
}

static void __exit oops_null_call_exit(void)
{
}

module_init(oops_null_call_init);
module_exit(oops_null_call_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
