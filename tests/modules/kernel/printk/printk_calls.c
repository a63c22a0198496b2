// SPDX-License-Identifier: GPL-2.0-only
/* Makes the calls of printk_cases.h, then prints what they returned. Read /dev/kmsg afterwards. */
#include <linux/device.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static int returned[200], count;
static char letters[2000];
static const char *long_text(size_t size)
{
	memset(letters, 'x', size);
	letters[size] = 0;
	return letters;
}

static int emit(int facility, int level, const struct dev_printk_info *info, const char *fmt, ...)
{
	va_list args;
	int length;

	va_start(args, fmt);
	length = vprintk_emit(facility, level, info, fmt, args);
	va_end(args);
	return length;
}

#define TRY(call) (returned[count++] = (call))
#define LONG(size) long_text(size)
#define EMIT(...) emit(__VA_ARGS__)
#define HEX(level, prefix, type, row, group, size, ascii)                                          \
	print_hex_dump(level, prefix, type, row, group, "0123456789abcdef\1\377ABCDEFGHIJKLMNOPQRSTUV", \
		       size, ascii)
#define DEVICE(name, device, ...) name(device, __VA_ARGS__)

static struct dev_printk_info info = {.subsystem = "ring3", .device = "+ring3:one"}, no_info;
static struct device *platform, *root;

#include "printk_cases.h"

static int __init printk_init(void)
{
	struct platform_device *device = platform_device_register_simple("ring3test", 4, NULL, 0);
	int i;

	platform = &device->dev;
	root = root_device_register("ring3root");
	printk(KERN_INFO "printk cases begin\n");
	run_cases();
	for (i = 0; i < count; i++)
		printk(KERN_INFO "returned %d: %d\n", i, returned[i]);
	printk(KERN_INFO "printk cases end\n");
	return 0;
}

module_init(printk_init);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("prints in every way");
