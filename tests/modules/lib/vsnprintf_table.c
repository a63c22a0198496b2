// SPDX-License-Identifier: GPL-2.0-only
/* Formats that printk and snprintf understand beyond C's, and C's own in the corners. */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/rtc.h>
#include <linux/string.h>
#include <linux/types.h>

static char buffer[160];

/* Not declared __printf: several formats are the kernel's own, or wrong on purpose. */
static void show(const char *format, ...)
{
	va_list list;
	int length;

	va_start(list, format);
	length = vsnprintf(buffer, sizeof(buffer), format, list);
	va_end(list);
	pr_info("vsnprintf_table: ");
	for (; *format; format++)
		pr_cont("%c", *format == '%' ? '~' : *format);
	pr_cont(" = %d '%s'\n", length, buffer);
}

static int __init vsnprintf_table_init(void);

static const u8 ipv4[] = {192, 168, 0, 1};
static const u8 ipv6[] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x2a};
static const u8 mac[] = {0x00, 0x1b, 0x2c, 0xd, 0xee, 0xff};
static const u8 uuid[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static const char escaped[] = "a\"\n\x01\\b";
static unsigned long bits[2] = {0xf0f, 1};
static struct resource resource = {
    .start = 0x1000, .end = 0x1fff, .flags = IORESOURCE_MEM, .name = "r"};
static struct rtc_time time = {
    .tm_year = 123, .tm_mon = 0, .tm_mday = 2, .tm_hour = 3, .tm_min = 4, .tm_sec = 5};
static phys_addr_t physical = 0x12345;
static u32 fourcc = 0x34325258;
static gfp_t gfp = GFP_KERNEL | __GFP_ZERO;
static u64 features = 0x10001;

static void show_nested(const char *format, ...)
{
	struct va_format nested = {.fmt = format};
	va_list list;

	va_start(list, format);
	nested.va = &list;
	show("%pV|after", &nested);
	va_end(list);
}

static int __init vsnprintf_table_init(void)
{
	show("%d|%5d|%-5d|%05d|%+d|% d", 42, 42, 42, 42, 42, 42);
	show("%i|%u|%o|%#o|%x|%X|%#x|%#X|%08x", -1, 4000000000u, 8, 8, 255, 255, 255, 255, 255);
	show("%hhd|%hd|%ld|%lld|%zd|%zu|%td", (char)300, (short)70000, -5l, -6ll, (ssize_t)-7,
	     (size_t)8, (ptrdiff_t)9);
	show("%*d|%-*d|%.3d|%.0d|%8.3d|%*.*d", 6, 1, 6, 2, 3, 0, 4, 7, 2, 5);
	show("%s|%10s|%-10s|%.3s|%10.2s|%.*s", "text", "text", "text", "text", "text", 2, "text");
	show("%c%c%c|%5c|%-5c|", 'a', 'b', 'c', 'd', 'e');
	show("%%|%5%|");
	show("%lld %llu %llx", LLONG_MIN, ULLONG_MAX, ULLONG_MAX);
	show("%s|%.2s|%10s", (char *)NULL, (char *)NULL, (char *)NULL);
	show("%px|%016lx|%pK", (void *)0xffffffff81000000ul, 0x1234ul, NULL);
	show("%pI4|%pi4|%pI4h", ipv4, ipv4, ipv4);
	show("%pI6|%pi6|%pI6c", ipv6, ipv6, ipv6);
	show("%pM|%pm|%pMR|%pMF", mac, mac, mac, mac);
	show("%pU|%pUB|%pUl|%pUL", uuid, uuid, uuid, uuid);
	show("%*ph|%*phC|%*phD|%*phN", 6, mac, 6, mac, 6, mac, 6, mac);
	show("%*pb|%*pbl", 70, bits, 70, bits);
	show("%*pE|%*pEn|%*pEhp", 7, escaped, 7, escaped, 7, escaped);
	show("%pe|%pe", ERR_PTR(-ENOENT), ERR_PTR(-EINVAL));
	show("%pr|%pR", &resource, &resource);
	show("%pS|%ps|%pB", vsnprintf_table_init, vsnprintf_table_init,
	     (void *)vsnprintf_table_init + 1);
	show("%ptR|%ptRd|%ptRt|%ptRr", &time, &time, &time, &time);
	show_nested("in %s %d", "side", 5);
	show("%pa|%pad", &physical, &physical);
	show("%p4cc", &fourcc);
	show("%pGg", &gfp);
	show("%pNF", &features);
	pr_info("vsnprintf_table: snprintf %d '%s'\n", snprintf(buffer, 5, "%s", "too long"),
		buffer);
	pr_info("vsnprintf_table: scnprintf %d '%s'\n", scnprintf(buffer, 5, "%s", "too long"),
		buffer);
	pr_info("vsnprintf_table: no room %d %d\n", snprintf(NULL, 0, "%d", 12345),
		scnprintf(buffer, 0, "x"));
	pr_info("vsnprintf_table: vscnprintf of one %d\n", scnprintf(buffer, 1, "x"));
	return 0;
}

static void __exit vsnprintf_table_exit(void)
{
}

module_init(vsnprintf_table_init);
module_exit(vsnprintf_table_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
