// SPDX-License-Identifier: GPL-2.0-only
/* Boolean parameters, straight and inverted; they may come without a value. */
#include <linux/module.h>

static bool plain;
static bool preset = true;
static bool inverted;
static int as_int;
module_param(plain, bool, 0644);
module_param(preset, bool, 0444);
module_param(inverted, invbool, 0644);
module_param(as_int, bint, 0644);

static int __init params_bool_init(void)
{
	pr_info("params_bool: plain %d preset %d inverted %d as_int %d\n", plain, preset, inverted,
		as_int);
	return 0;
}

static void __exit params_bool_exit(void)
{
}

module_init(params_bool_init);
module_exit(params_bool_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
