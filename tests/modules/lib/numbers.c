// SPDX-License-Identifier: GPL-2.0-only
/* Texts into numbers and booleans: kstrto*() and the older simple_strto*(). */
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/module.h>

static void show(const char *text)
{
	long long s = -99;
	unsigned long long u = 99;
	int i = -99;
	u8 small = 99;
	bool b = false;
	char *end;
	unsigned long simple = simple_strtoul(text, &end, 0);
	int errors[5] = {kstrtoll(text, 0, &s), kstrtoull(text, 0, &u), kstrtoint(text, 10, &i),
			 kstrtou8(text, 0, &small), kstrtobool(text, &b)};

	pr_info(
	    "numbers: '%s' ll %d %lld ull %d %llu int %d %d u8 %d %u bool %d %d simple %lu '%s'\n",
	    text, errors[0], s, errors[1], u, errors[2], i, errors[3], small, errors[4], b, simple,
	    end);
}

static int __init numbers_init(void)
{
	static const char *const texts[] = {"0",
					    "1",
					    "-1",
					    "+5",
					    "42\n",
					    "42\n\n",
					    " 42",
					    "42 ",
					    "",
					    "-",
					    "0x",
					    "0xff",
					    "0XfF",
					    "010",
					    "08",
					    "255",
					    "256",
					    "2147483647",
					    "2147483648",
					    "-2147483648",
					    "9223372036854775807",
					    "9223372036854775808",
					    "-9223372036854775808",
					    "18446744073709551615",
					    "18446744073709551616",
					    "99999999999999999999999",
					    "1e5",
					    "y",
					    "no",
					    "on",
					    "OFF",
					    "true",
					    "12abc"};
	unsigned long value = 0;
	int i, err;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		show(texts[i]);
	err = kstrtoul("1011", 2, &value);
	pr_info("numbers: base 2 %d %lu\n", err, value);
	err = kstrtoul("0x1f", 16, &value);
	pr_info("numbers: base 16 %d %lu\n", err, value);
	err = kstrtoul("1f", 16, &value);
	pr_info("numbers: base 16 %d %lu\n", err, value);
	pr_info("numbers: base 36 %d\n", kstrtoul("z", 36, &value));
	pr_info("numbers: memparse %llu %llu %llu\n", memparse("4k", NULL), memparse("2M", NULL),
		memparse("0x10G", NULL));
	pr_info("numbers: int_sqrt %lu %lu\n", int_sqrt(99), int_sqrt(100));
	return 0;
}

static void __exit numbers_exit(void)
{
}

module_init(numbers_init);
module_exit(numbers_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
