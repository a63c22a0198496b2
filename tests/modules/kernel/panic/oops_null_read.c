// SPDX-License-Identifier: GPL-2.0-only
/* Reads a member through a null pointer: the address is the member's offset. */
#include <linux/module.h>
#include <linux/compiler.h>

struct big {
	char before[0x123];
	char member;
};

static noinline void oops_null_read(void)
{
	struct big *pointer = NULL;

	OPTIMIZER_HIDE_VAR(pointer);
	pr_info("oops_null_read: %d\n", READ_ONCE(pointer->member));
}

static int __init oops_null_read_init(void)
{
	pr_info("oops_null_read: before\n");
	oops_null_read();
	pr_info("oops_null_read: after\n");
	return 0;
}

static void __exit oops_null_read_exit(void)
{
}

module_init(oops_null_read_init);
module_exit(oops_null_read_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
