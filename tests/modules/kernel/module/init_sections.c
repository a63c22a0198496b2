// SPDX-License-Identifier: GPL-2.0-only
/*
 * Code and data that live only while init runs, data that is read-only afterwards, and a function
 * of .exit.text.
 */
#include <linux/module.h>
#include <linux/cache.h>

static char greeting[] __initdata = "only during init";
static const char second[] __initconst = "also only during init";
static int settled __ro_after_init = 1;
static int table[] = {1, 2, 3};

static int __init __used twice(int value)
{
	return 2 * value;
}

static noinline void __exit farewell(int value)
{
	pr_info("init_sections: settled on %d\n", value);
}

static int __init init_sections_init(void)
{
	pr_info("init_sections: %s, %s\n", greeting, second);
	settled = twice(table[2]);
	return 0;
}

static void __exit init_sections_exit(void)
{
	farewell(settled);
}

module_init(init_sections_init);
module_exit(init_sections_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
