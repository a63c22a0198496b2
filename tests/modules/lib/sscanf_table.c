// SPDX-License-Identifier: GPL-2.0-only
/* sscanf: conversions, widths, what stops it. */
#include <linux/kernel.h>
#include <linux/module.h>

static int __init sscanf_table_init(void)
{
	int a = -1, b = -1, c = -1, n = -1;
	unsigned int x = 0;
	long long big = 0;
	char word[16] = "", set[16] = "", one = '?';

	pr_info("sscanf: %d: %d %d %d\n", sscanf("1 -2 +3", "%d %d %d", &a, &b, &c), a, b, c);
	pr_info("sscanf: %d: %d %d\n", sscanf("12345", "%2d%3d", &a, &b), a, b);
	pr_info("sscanf: %d: %x %d\n", sscanf("0xff 010", "%x %i", &x, &a), x, a);
	pr_info("sscanf: %d: '%s' '%c' %d\n", sscanf("hello world", "%s %c%n", word, &one, &n), word, one, n);
	pr_info("sscanf: %d: '%s' %d\n", sscanf("abc123", "%[a-c]%d", set, &a), set, a);
	pr_info("sscanf: %d: %lld\n", sscanf("-9000000000", "%lld", &big), big);
	pr_info("sscanf: %d: %d\n", sscanf("a=5;b=6", "a=%*d;b=%d", &b), b);
	pr_info("sscanf: %d\n", sscanf("x", "%d", &a));
	pr_info("sscanf: %d\n", sscanf("", "%d", &a));
	pr_info("sscanf: %d: %d\n", sscanf("7 apples", "%d pears %d", &a, &b), a);
	return 0;
}

static void __exit sscanf_table_exit(void)
{
}

module_init(sscanf_table_init);
module_exit(sscanf_table_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
