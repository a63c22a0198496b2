// SPDX-License-Identifier: GPL-2.0-only
/* Imports a symbol from a namespace without saying so (modpost would refuse). */
// after modpost: "import_ns=RING3_TEST" becomes "import_ns=RING3_REST"
#include <linux/module.h>

extern int namespace_owner_value(void);
MODULE_IMPORT_NS(RING3_TEST);

static int __init namespace_stranger_init(void)
{
	pr_info("namespace_stranger: got %d\n", namespace_owner_value());
	return 0;
}

static void __exit namespace_stranger_exit(void)
{
}

module_init(namespace_stranger_init);
module_exit(namespace_stranger_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
