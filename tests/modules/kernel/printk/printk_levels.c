// SPDX-License-Identifier: GPL-2.0-only
/* One line at each level, through pr_*() and through printk(). */
#include <linux/module.h>

static int __init printk_levels_init(void)
{
	pr_emerg("printk_levels: emerg\n");
	pr_alert("printk_levels: alert\n");
	pr_crit("printk_levels: crit\n");
	pr_err("printk_levels: err\n");
	pr_warn("printk_levels: warn\n");
	pr_notice("printk_levels: notice\n");
	pr_info("printk_levels: info\n");
	pr_debug("printk_levels: debug, off unless asked for\n");
	pr_devel("printk_levels: devel, compiled out\n");
	printk(KERN_DEBUG "printk_levels: KERN_DEBUG\n");
	printk(KERN_ERR "printk_levels: KERN_ERR\n");
	printk("printk_levels: no level\n");
	printk(KERN_DEFAULT "printk_levels: KERN_DEFAULT\n");
	printk("%s%s", KERN_NOTICE, "printk_levels: the level comes from an argument\n");
	return 0;
}

static void __exit printk_levels_exit(void)
{
}

module_init(printk_levels_init);
module_exit(printk_levels_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
