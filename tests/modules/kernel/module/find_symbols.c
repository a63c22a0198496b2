// SPDX-License-Identifier: GPL-2.0-only
/* Takes another module's symbol by name, which holds that module while it is in use. */
#include <linux/module.h>

static int __init find_symbols_init(void)
{
	int *answer = __symbol_get("no_init_answer");

	if (!answer) {
		pr_info("find_symbols: nobody has it\n");
		return -ENOENT;
	}
	pr_info("find_symbols: the answer is %d\n", *answer);
	return 0;
}

static void __exit find_symbols_exit(void)
{
	__symbol_put("no_init_answer");
	pr_info("find_symbols: given back\n");
}

module_init(find_symbols_init);
module_exit(find_symbols_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
