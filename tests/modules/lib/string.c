// SPDX-License-Identifier: GPL-2.0-only
/* Prints what the kernel's functions answer to every line of string_cases.h. */
#include <linux/bcd.h>
#include <linux/base64.h>
#include <linux/bitmap.h>
#include <linux/bsearch.h>
#include <linux/crc-ccitt.h>
#include <linux/crc32.h>
#include <linux/gcd.h>
#include <linux/glob.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/lcm.h>
#include <linux/module.h>
#include <linux/parser.h>
#include <linux/rational.h>
#include <linux/siphash.h>
#include <linux/sort.h>
#include <linux/string_helpers.h>
#include <linux/uuid.h>
#include <linux/xxhash.h>

static int line_number;
static char buffer_[192];
static char shown_[1024];

static noinline char *opaque(const char *text)
{
	asm volatile("" : "+r"(text));
	return (char *)text;
}
#define S(text) opaque(text)

static noinline char *fresh_buffer(void)
{
	memset(buffer_, '#', sizeof(buffer_));
	return opaque(buffer_);
}
#define B() fresh_buffer()

static const char *shown(const void *memory, size_t size)
{
	const unsigned char *bytes = memory;
	char *at = shown_;

	for (; size--; bytes++) {
		if (*bytes >= ' ' && *bytes <= '~' && *bytes != '\\')
			*at++ = *bytes;
		else
			at += sprintf(at, "\\x%02x", *bytes);
	}
	*at = 0;
	return shown_;
}
#define MEM(memory, size) shown(memory, size)

static __printf(1, 2) void show(const char *fmt, ...)
{
	static char text[512], line[600];
	size_t i, at = 0;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	for (i = 0; text[i] && at < sizeof(line) - 5; i++) {
		unsigned char c = text[i];

		if (c >= ' ' && c <= '~')
			line[at++] = c;
		else
			at += sprintf(line + at, "\\x%02x", c);
	}
	line[at] = 0;
	printk(KERN_INFO "line %d |%s|\n", ++line_number, line);
}
#define SHOW(...) show(__VA_ARGS__)
#define SORT_TIES(...) show(__VA_ARGS__)
#define memparse2(text, end, base) memparse(text, end)
#define siphash_bytes(data, size, key) siphash(data, size, (void *)(key))
#define hsiphash_bytes(data, size, key) hsiphash(data, size, (void *)(key))

#include "string_cases.h"

static int __init string_init(void)
{
	run_text_cases();
	run_number_cases();
	return 0;
}

module_init(string_init);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("prints what the functions of lib/ answer");
