// SPDX-License-Identifier: GPL-2.0-only
/* Imports a symbol from a namespace, and says so. */
#include <linux/module.h>

extern int namespace_owner_value(void);
MODULE_IMPORT_NS(RING3_TEST);

static int __init namespace_user_init(void)
{
	pr_info("namespace_user: got %d\n", namespace_owner_value());
	return 0;
}

static void __exit namespace_user_exit(void)
{
}

module_init(namespace_user_init);
module_exit(namespace_user_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
