// SPDX-License-Identifier: GPL-2.0-only
/* Parameters whose text together is longer than what a file of sysfs may show. */
#include <linux/module.h>

static char *words[8];
static unsigned int word_count;
static unsigned long long numbers[400];
module_param_array(words, charp, &word_count, 0644);
module_param_array(numbers, ullong, NULL, 0644);

static int __init params_long_init(void)
{
	return 0;
}

static void __exit params_long_exit(void)
{
}

module_init(params_long_init);
module_exit(params_long_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
