// SPDX-License-Identifier: GPL-2.0-only
/* sscanf: conversions, widths, what stops it. */
#include <linux/kernel.h>
#include <linux/module.h>

static int __init sscanf_table_init(void)
{
	int got, a = -1, b = -1, c = -1, n = -1;
	unsigned int x = 0;
	long long big = 0;
	char word[16] = "", set[16] = "", one = '?';

	got = sscanf("1 -2 +3", "%d %d %d", &a, &b, &c);
	pr_info("sscanf_table: %d: %d %d %d\n", got, a, b, c);
	got = sscanf("12345", "%2d%3d", &a, &b);
	pr_info("sscanf_table: %d: %d %d\n", got, a, b);
	got = sscanf("0xff 010", "%x %i", &x, &a);
	pr_info("sscanf_table: %d: %x %d\n", got, x, a);
	got = sscanf("hello world", "%s %c%n", word, &one, &n);
	pr_info("sscanf_table: %d: '%s' '%c' %d\n", got, word, one, n);
	got = sscanf("abc123", "%[a-c]%d", set, &a);
	pr_info("sscanf_table: %d: '%s' %d\n", got, set, a);
	got = sscanf("-9000000000", "%lld", &big);
	pr_info("sscanf_table: %d: %lld\n", got, big);
	got = sscanf("a=5;b=6", "a=%*d;b=%d", &b);
	pr_info("sscanf_table: %d: %d\n", got, b);
	pr_info("sscanf_table: %d\n", sscanf("x", "%d", &a));
	pr_info("sscanf_table: %d\n", sscanf("", "%d", &a));
	got = sscanf("7 apples", "%d pears %d", &a, &b);
	pr_info("sscanf_table: %d: %d\n", got, a);
	return 0;
}

static void __exit sscanf_table_exit(void)
{
}

module_init(sscanf_table_init);
module_exit(sscanf_table_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
