// SPDX-License-Identifier: GPL-2.0-only
/* Every kind of integer parameter. */
#include <linux/module.h>

static unsigned char a_byte = 1;
static short a_short = -2;
static unsigned short a_ushort = 3;
static int an_int = -4;
static unsigned int a_uint = 5;
static long a_long = -6;
static unsigned long a_ulong = 7;
static unsigned long long a_ullong = 8;
static unsigned int a_hexint = 0x9;
module_param(a_byte, byte, 0644);
module_param(a_short, short, 0644);
module_param(a_ushort, ushort, 0644);
module_param(an_int, int, 0644);
module_param(a_uint, uint, 0644);
module_param(a_long, long, 0644);
module_param(a_ulong, ulong, 0644);
module_param(a_ullong, ullong, 0644);
module_param(a_hexint, hexint, 0644);

static int __init params_int_init(void)
{
	pr_info("params_int: byte %u short %d ushort %u int %d uint %u\n", a_byte, a_short,
		a_ushort, an_int, a_uint);
	pr_info("params_int: long %ld ulong %lu ullong %llu hexint %#x\n", a_long, a_ulong,
		a_ullong, a_hexint);
	return 0;
}

static void __exit params_int_exit(void)
{
}

module_init(params_int_init);
module_exit(params_int_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
