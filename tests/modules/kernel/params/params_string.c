// SPDX-License-Identifier: GPL-2.0-only
/* String parameters: a pointer and a buffer of eight bytes. */
#include <linux/module.h>

static char *pointer = "default";
static char *unset;
static char buffer[8] = "seven77";
module_param(pointer, charp, 0644);
module_param(unset, charp, 0444);
module_param_string(buffer, buffer, sizeof(buffer), 0644);

static int __init params_string_init(void)
{
	pr_info("params_string: pointer '%s' unset '%s' buffer '%s'\n", pointer, unset, buffer);
	return 0;
}

static void __exit params_string_exit(void)
{
}

module_init(params_string_init);
module_exit(params_string_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
