// SPDX-License-Identifier: GPL-2.0-only
/* Uses what stack.ko exports: pushes `count` numbers, takes all but one back. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "stack.h"

static int count = 3;
module_param(count, int, 0444);
MODULE_PARM_DESC(count, "how many numbers to push");

static int __init stack_user_init(void)
{
	int i, value, err;

	for (i = 1; i <= count; i++) {
		err = stack_push(i * i);
		if (err) {
			pr_err("cannot push number %d: %d\n", i, err);
			while (stack_pop(&value) == 0)
				;
			return err;
		}
	}
	for (i = 1; i < count; i++) {
		err = stack_pop(&value);
		if (err)
			return err;
		pr_info("popped %d\n", value);
	}
	return 0;
}

static void __exit stack_user_exit(void)
{
	pr_info("leaving\n");
}

module_init(stack_user_init);
module_exit(stack_user_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("Ring 3 authors");
MODULE_DESCRIPTION("Imports a stack of numbers from stack.ko");
