// SPDX-License-Identifier: GPL-2.0-only
/* Under the GPL, uses a proprietary module's symbol: inherits its taint. */
#include <linux/module.h>

extern int closed_exporter_value;

static int __init closed_user_init(void)
{
	pr_info("closed_user: got %d\n", closed_exporter_value);
	return 0;
}

static void __exit closed_user_exit(void)
{
}

module_init(closed_user_init);
module_exit(closed_user_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
