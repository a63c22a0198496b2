// SPDX-License-Identifier: GPL-2.0-only
/* Messages that appear once, and the limit on messages that come too fast. */
#include <linux/module.h>
#include <linux/ratelimit.h>

static DEFINE_RATELIMIT_STATE(limit, 3600 * HZ, 3);

static int __init printk_once_init(void)
{
	int i, allowed = 0;

	for (i = 0; i < 3; i++) {
		pr_info_once("printk_once: once, at round %d\n", i);
		pr_warn_once("printk_once: a warning once\n");
		printk_once(KERN_NOTICE "printk_once: a notice once\n");
	}
	for (i = 0; i < 10; i++)
		if (__ratelimit(&limit))
			allowed++;
	pr_info("printk_once: %d of 10 allowed\n", allowed);
	for (i = 0; i < 15; i++)
		pr_info_ratelimited("printk_once: limited %d\n", i);
	return 0;
}

static void __exit printk_once_exit(void)
{
}

module_init(printk_once_init);
module_exit(printk_once_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
