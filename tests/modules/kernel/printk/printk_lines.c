// SPDX-License-Identifier: GPL-2.0-only
/* Where a line ends: newlines inside, none at the end, several, continuations, very long lines. */
#include <linux/module.h>
#include <linux/string.h>
#include <linux/slab.h>

static int __init printk_lines_init(void)
{
	char *text = kzalloc(2048, GFP_KERNEL);

	if (!text)
		return -ENOMEM;
	pr_info("printk_lines: first\nprintk_lines: second\n");
	pr_info("printk_lines: two newlines\n\n");
	pr_info("printk_lines: no newline");
	pr_info("printk_lines: after no newline\n");
	pr_info("printk_lines: begun,");
	pr_cont(" continued,");
	pr_cont(" ended\n");
	pr_cont("printk_lines: a continuation of nothing\n");
	pr_info("printk_lines: begun and interrupted,");
	pr_err("printk_lines: by another level\n");
	pr_cont(" too late\n");
	pr_info("");
	pr_info("\n");
	pr_info("printk_lines: a tab\tand a byte \x01 and \xc3\xa9\n");
	printk(KERN_INFO "printk_lines: one" KERN_ERR " level inside\n");
	memset(text, 'x', 1500);
	pr_info("printk_lines: %s\n", text);
	kfree(text);
	pr_info("printk_lines: the last one has no newline");
	return 0;
}

static void __exit printk_lines_exit(void)
{
}

module_init(printk_lines_init);
module_exit(printk_lines_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
