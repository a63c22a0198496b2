// SPDX-License-Identifier: GPL-2.0-only
/* init returns what the parameter says: a negative errno, zero or a positive number. */
#include <linux/module.h>

static int result;
module_param(result, int, 0);

static int __init init_result_init(void)
{
	pr_info("init_result: returning %d\n", result);
	return result;
}

static void __exit init_result_exit(void)
{
	pr_info("init_result: exit\n");
}

module_init(init_result_init);
module_exit(init_result_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
