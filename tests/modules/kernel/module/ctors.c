// SPDX-License-Identifier: GPL-2.0-only
/* Constructors, which only a kernel with CONFIG_CONSTRUCTORS calls (Debian's has it off). */
#include <linux/module.h>

static int called;

static void __attribute__((constructor)) in_init_array(void)
{
	called++;
	pr_info("ctors: called from .init_array\n");
}

static void in_ctors(void)
{
	called++;
	pr_info("ctors: called from .ctors\n");
}
static void (*const entry)(void) __used __section(".ctors") = in_ctors;

static int __init ctors_init(void)
{
	pr_info("ctors: %d called before init\n", called);
	return 0;
}

static void __exit ctors_exit(void)
{
}

module_init(ctors_init);
module_exit(ctors_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
