// SPDX-License-Identifier: GPL-2.0-only
/* Uses slow_init's symbol: loading waits until that one is initialised. */
#include <linux/module.h>

extern int slow_init_answer(void);

static int __init slow_user_init(void)
{
	pr_info("slow_user: got %d\n", slow_init_answer());
	return 0;
}

static void __exit slow_user_exit(void)
{
}

module_init(slow_user_init);
module_exit(slow_user_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
