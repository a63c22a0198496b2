// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints what the kernel's vsnprintf makes of every line of vsprintf_cases.h:
 *   "case NUMBER RETURN |text|", bytes outside ' '..'~' and the backslash as \xNN.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/init.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netdev_features.h>
#include <linux/rtc.h>
#include <linux/slab.h>

static int case_number;
static char text[256];
static char shown[1100];

static void show(const char *what, int value, size_t length)
{
	char *at = shown;
	size_t i;

	for (i = 0; i < length; i++) {
		unsigned char c = text[i];

		if (c >= ' ' && c <= '~' && c != '\\')
			*at++ = c;
		else
			at += sprintf(at, "\\x%02x", c);
	}
	*at = 0;
	printk(KERN_INFO "%s %d %d |%s|\n", what, case_number, value, shown);
}

static void run_sized(size_t size, const char *fmt, ...)
{
	va_list args;
	int value;

	case_number++;
	memset(text, '#', sizeof(text));
	va_start(args, fmt);
	value = vsnprintf(text, size, fmt, args);
	va_end(args);
	/* One byte more than the buffer: nothing may be written behind it. */
	show("case", value,
	     min_t(size_t, size == sizeof(text) ? value : size + 1, sizeof(text) - 1));
}

#define CASE(...) run_sized(sizeof(text), __VA_ARGS__)
#define SIZED(size, ...) run_sized(size, __VA_ARGS__)

static char *nullp;
static void *errp = (void *)-14L;
static int number;
static u8 mac[6] = {0x00, 0x1b, 0x21, 0xAB, 0xcd, 0xef};
static u8 ipv4[4] = {192, 168, 1, 20}, ipv4small[4] = {1, 2, 3, 4};
#include "vsprintf_data.h"

static struct sockaddr_in sin = {.sin_family = AF_INET};
static struct sockaddr_in6 sin6 = {.sin6_family = AF_INET6};
static struct sockaddr sax = {.sa_family = 99};
#define sockaddr4 (&sin)
#define sockaddr6 (&sin6)
#define sockaddrx (&sax)
#define RES(name, s, e, f) static struct resource name##_r = {.start = s, .end = e, .flags = f}
RES(res_mem, 0xfed00000, 0xfed003ff, IORESOURCE_MEM | IORESOURCE_BUSY | IORESOURCE_PREFETCH);
RES(res_io, 0x3f8, 0x3ff, IORESOURCE_IO);
RES(res_irq, 14, 14, IORESOURCE_IRQ);
RES(res_dma, 2, 3, IORESOURCE_DMA);
RES(res_bus, 0, 0xff, IORESOURCE_BUS);
RES(res_none, 0x10, 0x20, 0x1000);
RES(res_unset, 0, 0xfff, IORESOURCE_MEM | IORESOURCE_UNSET);
RES(res_disabled, 0x1000, 0x1fff, IORESOURCE_MEM | IORESOURCE_DISABLED);
RES(res_mem64, 0x380000000000, 0x38000fffffff,
    IORESOURCE_MEM | IORESOURCE_MEM_64 | IORESOURCE_WINDOW);
#define res_mem (&res_mem_r)
#define res_io (&res_io_r)
#define res_irq (&res_irq_r)
#define res_dma (&res_dma_r)
#define res_bus (&res_bus_r)
#define res_none (&res_none_r)
#define res_unset (&res_unset_r)
#define res_disabled (&res_disabled_r)
#define res_mem64 (&res_mem64_r)
static struct dentry *dentry_root, *dentry_a, *dentry_b, *dentry_c;
static struct file *file_c;
#define rtc (&rtc_time_)
#define rtc_bad (&rtc_bad_)
static struct rtc_time rtc_time_ = {
    .tm_sec = 7, .tm_min = 8, .tm_hour = 9, .tm_mday = 3, .tm_mon = 1, .tm_year = 126};
static struct rtc_time rtc_bad_ = {
    .tm_sec = 99, .tm_min = -1, .tm_hour = 24, .tm_mday = 0, .tm_mon = 12, .tm_year = -1900};
static time64_t time64 = 1234567890, time64neg = -1;
static gfp_t gfp = GFP_KERNEL, gfpzero, gfpodd = GFP_ATOMIC | __GFP_ZERO | (1u << 30);
static unsigned long vmflags = VM_READ | VM_EXEC | VM_MAYREAD | VM_DONTEXPAND;
static netdev_features_t features = 0x1234567890ULL;
static struct va_format *vaf;

#include "vsprintf_cases.h"

static void run_with_va(const char *fmt, ...)
{
	va_list args;
	struct va_format format = {.fmt = fmt};

	va_start(args, fmt);
	format.va = &args;
	vaf = &format;
	run_cases();
	va_end(args);
}

static struct dentry *make_dentry(const char *name, struct dentry *parent)
{
	struct dentry *dentry = kzalloc(sizeof(*dentry), GFP_KERNEL);

	spin_lock_init(&dentry->d_lock);
	dentry->d_name.name = name;
	dentry->d_name.len = strlen(name);
	dentry->d_parent = parent ? parent : dentry;
	return dentry;
}

static int __init vsprintf_init(void)
{
	sin.sin_port = htons(12345);
	memcpy(&sin.sin_addr, ipv4, 4);
	sin6.sin6_port = htons(12345);
	memcpy(&sin6.sin6_addr, ipv6, 16);
	sin6.sin6_flowinfo = htonl(0x12345);
	sin6.sin6_scope_id = 7;
	dentry_root = make_dentry("/", NULL);
	dentry_a = make_dentry("first", dentry_root);
	dentry_b = make_dentry("second", dentry_a);
	dentry_c = make_dentry("third", dentry_b);
	file_c = kzalloc(sizeof(*file_c), GFP_KERNEL);
	file_c->f_path.dentry = dentry_c;
	run_with_va("inner %d %s %pI4", 5, "text", ipv4);
	return 0;
}

module_init(vsprintf_init);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("prints what vsnprintf makes of each format");
