// SPDX-License-Identifier: GPL-2.0-only
/* Exports a symbol in a namespace. */
#include <linux/module.h>

int namespace_owner_value(void);

int namespace_owner_value(void)
{
	return 7;
}
EXPORT_SYMBOL_NS_GPL(namespace_owner_value, RING3_TEST);

static int __init namespace_owner_init(void)
{
	pr_info("namespace_owner: loaded\n");
	return 0;
}

static void __exit namespace_owner_exit(void)
{
}

module_init(namespace_owner_init);
module_exit(namespace_owner_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
