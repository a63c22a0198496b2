// SPDX-License-Identifier: GPL-2.0-only
/* Takes two seconds to go, so that others meet it in that state. */
#include <linux/delay.h>
#include <linux/module.h>

static int __init slow_exit_init(void)
{
	return 0;
}

static void __exit slow_exit_exit(void)
{
	pr_info("slow_exit: count %d\n", module_refcount(THIS_MODULE));
	msleep(2000);
}

module_init(slow_exit_init);
module_exit(slow_exit_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
