// SPDX-License-Identifier: GPL-2.0-only
/* print_hex_dump in its layouts, hex digits both ways. */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/string.h>

static const u8 data[40] = "0123456789\x00\x01\x7f\x80\xff~abcdefghijklmno";

static int __init hexdumps_init(void)
{
	u8 parsed[4];
	char text[16];
	int err;

	print_hex_dump(KERN_INFO, "hexdumps: ", DUMP_PREFIX_OFFSET, 16, 1, data, sizeof(data),
		       true);
	print_hex_dump(KERN_WARNING, "hexdumps: ", DUMP_PREFIX_NONE, 32, 4, data, 32, false);
	print_hex_dump(KERN_INFO, "hexdumps: ", DUMP_PREFIX_OFFSET, 16, 8, data, 20, true);
	err = hex2bin(parsed, "dEad", 2);
	pr_info("hexdumps: %d %02x%02x\n", err, parsed[0], parsed[1]);
	pr_info("hexdumps: %d %d %d\n", hex2bin(parsed, "xy", 1), hex_to_bin('g'), hex_to_bin('A'));
	*bin2hex(text, data, 5) = 0;
	pr_info("hexdumps: %s\n", text);
	return 0;
}

static void __exit hexdumps_exit(void)
{
}

module_init(hexdumps_init);
module_exit(hexdumps_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
