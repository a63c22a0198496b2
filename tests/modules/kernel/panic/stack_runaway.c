// SPDX-License-Identifier: GPL-2.0-only
// Recurses until something stops it.
#include <linux/module.h>

static int depth = 1 << 30;
module_param(depth, int, 0);

static noinline int level(int left)
{
	volatile char room[1000];

	room[0] = left;
	if (left > 1)
		room[1] = level(left - 1);
	else
		pr_info("stack_runaway: at the bottom\n");
	return room[0] + room[1];
}

static int __init stack_runaway_init(void)
{
	pr_info("stack_runaway: %d levels\n", depth);
	level(depth);
	pr_info("stack_runaway: back\n");
	return 0;
}
module_init(stack_runaway_init);

static void __exit stack_runaway_exit(void)
{
}
module_exit(stack_runaway_exit);
MODULE_LICENSE("GPL");
