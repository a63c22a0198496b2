// SPDX-License-Identifier: GPL-2.0-only
/* Pages by order: alignment, struct page and address, physical addresses, zeroing. */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

#include "check.h"

static int __init pages_init(void)
{
	unsigned long address;
	struct page *page;
	int order;

	for (order = 0; order <= 4; order++) {
		address = __get_free_pages(GFP_KERNEL, order);
		CHECK(address && IS_ALIGNED(address, PAGE_SIZE << order));
		page = virt_to_page((void *)address);
		CHECK(page_address(page) == (void *)address);
		CHECK(page_to_pfn(page) == __pa(address) >> PAGE_SHIFT);
		CHECK(__va(page_to_phys(page)) == (void *)address);
		CHECK(virt_to_page((void *)(address + (PAGE_SIZE << order) - 1)) ==
		      page + (1 << order) - 1);
		memset((void *)address, 0xff, PAGE_SIZE << order);
		free_pages(address, order);
	}
	address = get_zeroed_page(GFP_KERNEL);
	CHECK(address && !memchr_inv((void *)address, 0, PAGE_SIZE));
	free_page(address);
	page = alloc_pages(GFP_KERNEL | __GFP_ZERO | __GFP_COMP, 2);
	CHECK(page && PageCompound(page) && compound_order(page) == 2 && page_count(page) == 1);
	CHECK(compound_head(page + 3) == page && page_size(page) == 4 * PAGE_SIZE);
	get_page(page);
	CHECK(page_count(page) == 2);
	put_page(page);
	__free_pages(page, 2);
	address = (unsigned long)alloc_pages_exact(3 * PAGE_SIZE, GFP_KERNEL);
	CHECK(address);
	free_pages_exact((void *)address, 3 * PAGE_SIZE);
	DONE();
	return 0;
}

static void __exit pages_exit(void)
{
}

module_init(pages_init);
module_exit(pages_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
