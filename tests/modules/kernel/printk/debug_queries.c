// SPDX-License-Identifier: GPL-2.0-only
/* pr_debug() sites that queries pick out. The file is given a name without folders of the builder. */
#include <linux/module.h>

#include <linux/device.h>

#line 100 "ring3/queries/debug_queries.c"
static noinline void first(void)
{
	pr_debug("one\n");
	pr_debug("two \"quoted\"\tand tabbed %d\n", 2);
}

static noinline void second(int times)
{
	int i;

	for (i = 0; i < times; i++)
		pr_debug("loop %d\n", i);
	dev_dbg(NULL, "without device\n");
}

static noinline void third(void)
{
	print_hex_dump_debug("hex: ", DUMP_PREFIX_NONE, 16, 1, "ABC", 3, true);
	pr_debug("unfinished");
}

static int speak(const char *text, const struct kernel_param *kp)
{
	first();
	second(2);
	third();
	pr_info("debug_queries: spoke\n");
	return 0;
}
static const struct kernel_param_ops speak_ops = {.set = speak};
module_param_cb(speak, &speak_ops, NULL, 0200);

static int __init debug_queries_init(void)
{
	pr_debug("in init\n");
	return 0;
}

static void __exit debug_queries_exit(void)
{
	pr_debug("in exit\n");
}

module_init(debug_queries_init);
module_exit(debug_queries_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
