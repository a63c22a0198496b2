// SPDX-License-Identifier: GPL-2.0-only
/* The ways to warn; the module goes on after each. */
#include <linux/module.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/string.h>

static char *what = "plain";
module_param(what, charp, 0);

static noinline int once(int round)
{
	int result = WARN_ON_ONCE(round >= 0);

	WARN_ONCE(1, "warnings: told once, at round %d\n", round);
	return result;
}

static int __init warnings_init(void)
{
	int i, no = 0;

	OPTIMIZER_HIDE_VAR(no);
	if (!strcmp(what, "plain")) {
		pr_info("warnings: result %d\n", !!WARN_ON(!no));
	} else if (!strcmp(what, "text")) {
		pr_info("warnings: result %d\n", !!WARN(!no, "warnings: a text with %d\n", 42));
	} else if (!strcmp(what, "once")) {
		for (i = 0; i < 3; i++)
			pr_info("warnings: round %d result %d\n", i, once(i));
	} else if (!strcmp(what, "never")) {
		pr_info("warnings: result %d\n", !!WARN_ON(no));
	} else if (!strcmp(what, "stack")) {
		dump_stack();
	}
	pr_info("warnings: still here\n");
	return 0;
}

static void __exit warnings_exit(void)
{
}

module_init(warnings_init);
module_exit(warnings_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
