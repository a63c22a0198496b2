// SPDX-License-Identifier: GPL-2.0-only
/* A proprietary module that exports a symbol. */
#include <linux/module.h>

int closed_exporter_value = 3;
EXPORT_SYMBOL(closed_exporter_value);

static int __init closed_exporter_init(void)
{
	pr_info("closed_exporter: loaded\n");
	return 0;
}

static void __exit closed_exporter_exit(void)
{
}

module_init(closed_exporter_init);
module_exit(closed_exporter_exit);

MODULE_LICENSE("Proprietary");
MODULE_DESCRIPTION("Ring 3 test module");
