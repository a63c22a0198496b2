// SPDX-License-Identifier: GPL-2.0-only
/* Neither init nor exit: only its existence. */
#include <linux/module.h>

int no_init_answer = 42;
EXPORT_SYMBOL_GPL(no_init_answer);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
