// SPDX-License-Identifier: GPL-2.0-only
/* vmalloc and kvmalloc: whole pages, zeroing, what is_vmalloc_addr says. */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "check.h"

static int __init vmallocs_init(void)
{
	char *memory = vmalloc(3 * PAGE_SIZE + 1);
	char *zeroed = vzalloc(10000);
	char *small = kvmalloc(100, GFP_KERNEL);
	char *big = kvzalloc(16 << 20, GFP_KERNEL);

	CHECK(memory && zeroed && small && big);
	CHECK(PAGE_ALIGNED(memory) && PAGE_ALIGNED(zeroed));
	CHECK(is_vmalloc_addr(memory) && is_vmalloc_addr(zeroed));
	CHECK(!is_vmalloc_addr(small));
	pr_info("vmallocs: 16 MiB come from %s\n", is_vmalloc_addr(big) ? "vmalloc" : "kmalloc");
	CHECK(!memchr_inv(zeroed, 0, 10000) && !memchr_inv(big, 0, 16 << 20));
	memset(memory, 1, 3 * PAGE_SIZE + 1);
	CHECK(vmalloc_to_page(memory) != vmalloc_to_page(memory + PAGE_SIZE));
	CHECK(page_address(vmalloc_to_page(memory)) != memory);
	memset(page_address(vmalloc_to_page(memory + PAGE_SIZE)), 2, 1);
	CHECK(memory[PAGE_SIZE] == 2 && memory[PAGE_SIZE + 1] == 1);
	vfree(memory);
	vfree(zeroed);
	vfree(NULL);
	kvfree(small);
	kvfree(big);
	kvfree(NULL);
	DONE();
	return 0;
}

static void __exit vmallocs_exit(void)
{
}

module_init(vmallocs_init);
module_exit(vmallocs_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
