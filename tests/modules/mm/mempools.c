// SPDX-License-Identifier: GPL-2.0-only
/* A pool that always has some elements in reserve. */
#include <linux/mempool.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "check.h"

static int __init mempools_init(void)
{
	mempool_t *pool = mempool_create_kmalloc_pool(4, 128);
	void *elements[8];
	int i;

	if (!pool)
		return -ENOMEM;
	for (i = 0; i < 8; i++) {
		elements[i] = mempool_alloc(pool, GFP_KERNEL);
		CHECK(elements[i]);
	}
	for (i = 0; i < 8; i++)
		mempool_free(elements[i], pool);
	CHECK(mempool_resize(pool, 8) == 0);
	pr_info("mempools: at least %d of at least %d\n", pool->curr_nr, pool->min_nr);
	mempool_destroy(pool);
	DONE();
	return 0;
}

static void __exit mempools_exit(void)
{
}

module_init(mempools_init);
module_exit(mempools_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
