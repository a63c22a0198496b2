// SPDX-License-Identifier: GPL-2.0-only
/* Array parameters, one that counts what was given and one that does not. */
#include <linux/module.h>

static int numbers[4] = {-1, -2, -3, -4};
static int count = 99;
static char *words[3] = {"a", "b", "c"};
static unsigned short hidden[2] = {5, 6};
module_param_array(numbers, int, &count, 0644);
module_param_array(words, charp, NULL, 0444);
module_param_array(hidden, ushort, NULL, 0);

static int __init params_array_init(void)
{
	pr_info("params_array: numbers %d %d %d %d count %d\n", numbers[0], numbers[1], numbers[2],
		numbers[3], count);
	pr_info("params_array: words %s %s %s hidden %u %u\n", words[0], words[1], words[2],
		hidden[0], hidden[1]);
	return 0;
}

static void __exit params_array_exit(void)
{
}

module_init(params_array_init);
module_exit(params_array_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
