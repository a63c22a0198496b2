// SPDX-License-Identifier: GPL-2.0-only
/* genalloc: pools of addresses, and the ways to choose from them. */
#include <linux/genalloc.h>
#include <linux/module.h>

#include "check.h"

static int chunks;

static void count_chunk(struct gen_pool *pool, struct gen_pool_chunk *chunk, void *data)
{
	chunks += *(int *)data;
}

static void __init choices(struct gen_pool *pool)
{
	struct genpool_data_align align = {.align = 256};
	struct genpool_data_fixed fixed = {.offset = 512};
	unsigned long holes[3];
	int i;

	gen_pool_set_algo(pool, gen_pool_first_fit_align, &align);
	pr_info("address_pools: aligned %lx\n", holes[0] = gen_pool_alloc(pool, 40));
	pr_info("address_pools: aligned %lx\n", holes[1] = gen_pool_alloc(pool, 40));
	pr_info("address_pools: order %lx\n",
		holes[2] = gen_pool_alloc_algo(pool, 100, gen_pool_first_fit_order_align, NULL));
	pr_info("address_pools: fixed %lx, again %lx\n",
		gen_pool_alloc_algo(pool, 64, gen_pool_fixed_alloc, &fixed),
		gen_pool_alloc_algo(pool, 64, gen_pool_fixed_alloc, &fixed));
	gen_pool_free(pool, 0x10200, 64);
	gen_pool_set_algo(pool, NULL, NULL);
	CHECK(pool->algo == gen_pool_first_fit);
	for (i = 0; i < 3; i++)
		gen_pool_free(pool, holes[i], i < 2 ? 40 : 100);
	for (i = 0; i < 3; i++)
		holes[i] = gen_pool_alloc(pool, 64 << i);
	gen_pool_free(pool, holes[1], 128);
	pr_info("address_pools: best %lx\n",
		gen_pool_alloc_algo(pool, 96, gen_pool_best_fit, NULL));
	gen_pool_free(pool, holes[1], 96);
	gen_pool_free(pool, holes[0], 64);
	gen_pool_free(pool, holes[2], 256);
}

static int __init address_pools_init(void)
{
	struct gen_pool *pool = gen_pool_create(5, -1);
	unsigned long first, second;
	int one = 1;
	void *owner;
	phys_addr_t physical;

	CHECK(pool && gen_pool_alloc(pool, 10) == 0);
	CHECK(gen_pool_add_owner(pool, 0x10000, 0x5000, 1024, -1, &chunks) == 0);
	pr_info("address_pools: size %zu, free %zu\n", gen_pool_size(pool), gen_pool_avail(pool));
	first = gen_pool_alloc_owner(pool, 33, &owner);
	second = gen_pool_alloc(pool, 1);
	pr_info("address_pools: %lx, then %lx, free %zu\n", first, second, gen_pool_avail(pool));
	CHECK(owner == &chunks && gen_pool_virt_to_phys(pool, second + 3) == 0x5043);
	CHECK(gen_pool_virt_to_phys(pool, 0x20000) == (phys_addr_t)-1);
	CHECK(gen_pool_has_addr(pool, 0x10010, 100) && !gen_pool_has_addr(pool, 0x103f0, 100));
	CHECK(gen_pool_alloc(pool, 1000) == 0);
	gen_pool_free(pool, first, 33);
	CHECK(gen_pool_dma_alloc(pool, 64, &physical) == (void *)0x10000 && physical == 0x5000);
	gen_pool_free(pool, 0x10000, 64);
	gen_pool_free(pool, second, 1);
	CHECK(gen_pool_avail(pool) == 1024);
	choices(pool);
	CHECK(gen_pool_avail(pool) == 1024);
	CHECK(gen_pool_add(pool, 0x40000, 64, -1) == 0);
	gen_pool_for_each_chunk(pool, count_chunk, &one);
	CHECK(chunks == 2 && gen_pool_size(pool) == 1088);
	gen_pool_destroy(pool);
	DONE();
	return 0;
}

static void __exit address_pools_exit(void)
{
}

module_init(address_pools_init);
module_exit(address_pools_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
