// SPDX-License-Identifier: GPL-2.0-only
/* Uses a GPL-only symbol and a proprietary module's: whichever comes first in the symbol table. */
#include <linux/module.h>
#include <linux/rcupdate.h>

extern int closed_exporter_value;

static int __init closed_mixed_init(void)
{
	rcu_barrier();
	pr_info("closed_mixed: got %d\n", closed_exporter_value);
	return 0;
}

static void __exit closed_mixed_exit(void)
{
}

module_init(closed_mixed_init);
module_exit(closed_mixed_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
