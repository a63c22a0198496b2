// SPDX-License-Identifier: GPL-2.0-only
/* kmalloc and its family: sizes, zeroing, alignment, overflow, the edges (zero bytes, null, far too
 * big). */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "check.h"

static bool all_bytes(const void *memory, int value, size_t size)
{
	return memchr_inv(memory, value, size) == NULL;
}

static int __init slab_kmalloc_init(void)
{
	static const size_t sizes[] = {1,    7,	   8,	 9,    16,    33,     64,   65,
				       96,   100,  128,	 192,  193,   256,    1000, 1024,
				       2048, 4096, 8192, 8193, 65536, 1 << 20};
	size_t huge = SIZE_MAX;
	char *memory, *other;
	int i;

	OPTIMIZER_HIDE_VAR(huge);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		memory = kmalloc(sizes[i], GFP_KERNEL);
		CHECK(memory);
		CHECK(IS_ALIGNED((unsigned long)memory, 8));
		if (is_power_of_2(sizes[i]) && sizes[i] >= 8)
			CHECK(IS_ALIGNED((unsigned long)memory, sizes[i]));
		CHECK(virt_addr_valid(memory));
		pr_info("slab_kmalloc: ksize of %zu is %zu\n", sizes[i], ksize(memory));
		memset(memory, 0x5a, sizes[i]);
		CHECK(all_bytes(memory, 0x5a, sizes[i]));
		kfree(memory);
		memory = kzalloc(sizes[i], GFP_KERNEL);
		CHECK(memory && all_bytes(memory, 0, sizes[i]));
		kfree(memory);
	}
	memory = kmalloc(0, GFP_KERNEL);
	pr_info("slab_kmalloc: zero bytes give %s, ksize %zu\n",
		memory == ZERO_SIZE_PTR ? "ZERO_SIZE_PTR" : "something else", ksize(memory));
	kfree(memory);
	kfree(NULL);
	CHECK(kmalloc(huge, GFP_KERNEL | __GFP_NOWARN) == NULL);
	CHECK(kmalloc(64 << 20, GFP_KERNEL | __GFP_NOWARN) == NULL);
	CHECK(kcalloc(huge, 2, GFP_KERNEL) == NULL);
	CHECK(kmalloc_array(huge / 2, 3, GFP_KERNEL) == NULL);
	memory = kcalloc(10, 10, GFP_ATOMIC);
	CHECK(memory && all_bytes(memory, 0, 100));
	kfree(memory);
	memory = kmalloc_node(100, GFP_KERNEL, NUMA_NO_NODE);
	CHECK(memory);
	kfree_sensitive(memory);
	other = kmemdup("abcdef", 7, GFP_KERNEL);
	CHECK(other && !strcmp(other, "abcdef"));
	kfree_const(other);
	DONE();
	return 0;
}

static void __exit slab_kmalloc_exit(void)
{
}

module_init(slab_kmalloc_init);
module_exit(slab_kmalloc_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
