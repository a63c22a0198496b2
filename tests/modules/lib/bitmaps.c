// SPDX-License-Identifier: GPL-2.0-only
/* Bitmaps: setting ranges, searching, logic, parsing and printing. */
#include <linux/bitmap.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "check.h"

static int __init bitmaps_init(void)
{
	static DECLARE_BITMAP(a, 200);
	static DECLARE_BITMAP(b, 200);
	static DECLARE_BITMAP(c, 200);
	unsigned long *allocated = bitmap_zalloc(100, GFP_KERNEL);

	CHECK(allocated && bitmap_empty(allocated, 100));
	bitmap_free(allocated);
	bitmap_set(a, 60, 80);
	bitmap_clear(a, 70, 5);
	pr_info("bitmaps: %*pbl, weight %u\n", 200, a, bitmap_weight(a, 200));
	pr_info("bitmaps: first %lu next %lu zero %lu last %lu\n", find_first_bit(a, 200),
		find_next_bit(a, 200, 71), find_next_zero_bit(a, 200, 65), find_last_bit(a, 200));
	pr_info("bitmaps: room for 10: %lu, aligned 16: %lu, for 100: %d\n",
		bitmap_find_next_zero_area(a, 200, 61, 10, 0),
		bitmap_find_next_zero_area(a, 200, 61, 10, 15),
		bitmap_find_next_zero_area(a, 200, 0, 100, 0) > 200);
	CHECK(bitmap_parselist("1-5,68-72,199", b, 200) == 0);
	CHECK(bitmap_and(c, a, b, 200));
	pr_info("bitmaps: parsed %*pbl, and %*pbl\n", 200, b, 200, c);
	bitmap_shift_left(c, b, 3, 200);
	pr_info("bitmaps: shifted %*pbl\n", 200, c);
	pr_info("bitmaps: wrong %d %d %d\n", bitmap_parselist("5-1", b, 200),
		bitmap_parselist("200", b, 200), bitmap_parselist("x", b, 200));
	bitmap_complement(c, c, 200);
	CHECK(bitmap_weight(c, 200) == 190 && bitmap_subset(a, a, 200) && !bitmap_full(c, 200));
	return 0;
}

static void __exit bitmaps_exit(void)
{
}

module_init(bitmaps_init);
module_exit(bitmaps_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
