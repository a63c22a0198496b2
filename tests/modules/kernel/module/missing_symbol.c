// SPDX-License-Identifier: GPL-2.0-only
/* Imports two functions that no kernel exports: every missing name is reported. */
#include <linux/module.h>

extern void nobody_exports_this(void);
extern int nobody_exports_that(int value);

static int __init missing_symbol_init(void)
{
	nobody_exports_this();
	return nobody_exports_that(1);
}

static void __exit missing_symbol_exit(void)
{
}

module_init(missing_symbol_init);
module_exit(missing_symbol_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
