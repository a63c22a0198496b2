// SPDX-License-Identifier: GPL-2.0-only
// Takes 20 KiB of stack, and comes back if it may: one function of 1 KiB calls itself.
#include <linux/module.h>

static int depth = 20;
module_param(depth, int, 0);

static noinline int level(int left)
{
	volatile char room[1000];

	room[0] = left;
	if (left > 1)
		room[1] = level(left - 1);
	else
		pr_info("stack_deep: at the bottom\n");
	return room[0] + room[1];
}

static int __init stack_deep_init(void)
{
	pr_info("stack_deep: %d levels\n", depth);
	level(depth);
	pr_info("stack_deep: back\n");
	return 0;
}
module_init(stack_deep_init);

static void __exit stack_deep_exit(void)
{
}
module_exit(stack_deep_exit);
MODULE_LICENSE("GPL");
