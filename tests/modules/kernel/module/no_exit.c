// SPDX-License-Identifier: GPL-2.0-only
/* Has no exit function, so it can never be removed (without force). */
#include <linux/module.h>

static int __init no_exit_init(void)
{
	pr_info("no_exit: here to stay\n");
	return 0;
}

module_init(no_exit_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
