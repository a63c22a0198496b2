// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first module: says hello when it is loaded and goodbye when it is removed.
 *
 *     insmod hello.ko name=Ada times=3
 *     rmmod hello
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

static char *name = "world";
module_param(name, charp, 0444);
MODULE_PARM_DESC(name, "whom to greet");

static int times = 1;
module_param(times, int, 0644);
MODULE_PARM_DESC(times, "how often");

static bool loud;
module_param(loud, bool, 0644);
MODULE_PARM_DESC(loud, "greet with an exclamation mark");

static int __init hello_init(void)
{
	int i;

	if (times < 0) {
		pr_err("cannot greet %d times\n", times);
		return -EINVAL;
	}
	for (i = 0; i < times; i++)
		pr_info("hello, %s%s\n", name, loud ? "!" : "");
	return 0;
}

static void __exit hello_exit(void)
{
	pr_info("goodbye, %s\n", name);
}

module_init(hello_init);
module_exit(hello_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("Ring 3 authors");
MODULE_DESCRIPTION("A first module with parameters");
MODULE_VERSION("1.0");
