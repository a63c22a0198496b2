// SPDX-License-Identifier: GPL-2.0-only
/* A weak reference to what nobody exports is no error; its address is null. */
#include <linux/module.h>

extern void nobody_exports_weak(void) __attribute__((weak));

static int __init missing_weak_init(void)
{
	pr_info("missing_weak: %s\n", nobody_exports_weak ? "there" : "null");
	return 0;
}

static void __exit missing_weak_exit(void)
{
}

module_init(missing_weak_init);
module_exit(missing_weak_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
