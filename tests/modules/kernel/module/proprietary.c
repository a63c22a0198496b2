// SPDX-License-Identifier: GPL-2.0-only
/* A licence that taints; uses no GPL-only symbol. */
#include <linux/module.h>

static int __init proprietary_init(void)
{
	pr_info("proprietary: loaded\n");
	return 0;
}

static void __exit proprietary_exit(void)
{
}

module_init(proprietary_init);
module_exit(proprietary_exit);

MODULE_LICENSE("Proprietary");
MODULE_DESCRIPTION("Ring 3 test module");
