// SPDX-License-Identifier: GPL-2.0-only
/* Built for a kernel with other options, as its vermagic tells. */
// after modpost: "mod_unload modversions " becomes "mod_unload modversiont "
#include <linux/module.h>

static int __init wrong_vermagic_init(void)
{
	pr_info("wrong_vermagic: must not run\n");
	return 0;
}

static void __exit wrong_vermagic_exit(void)
{
}

module_init(wrong_vermagic_init);
module_exit(wrong_vermagic_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
