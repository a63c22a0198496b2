// SPDX-License-Identifier: GPL-2.0-only
/* A hash table grows while it is filled, and finds everything. */
#include <linux/module.h>
#include <linux/rhashtable.h>
#include <linux/vmalloc.h>

#include "check.h"

struct thing {
	u32 key;
	struct rhash_head node;
};

static const struct rhashtable_params params = {
    .key_len = sizeof(u32),
    .key_offset = offsetof(struct thing, key),
    .head_offset = offsetof(struct thing, node),
    .automatic_shrinking = true,
    .min_size = 16,
};

static int __init rhashtable_growth_init(void)
{
	struct thing *things = vzalloc(3000 * sizeof(*things));
	struct rhashtable table;
	unsigned int size;
	int i;

	CHECK(rhashtable_init(&table, &params) == 0);
	for (i = 0; i < 3000; i++) {
		things[i].key = i * i;
		CHECK(rhashtable_lookup_insert_fast(&table, &things[i].node, params) == 0);
	}
	flush_work(&table.run_work);
	size = rht_dereference(table.tbl, &table)->size;
	pr_info("rhashtable_growth: large enough %d\n", size >= 3000 && size <= 8192);
	for (i = 0; i < 3000; i++) {
		u32 key = i * i;

		CHECK(rhashtable_lookup_fast(&table, &key, params) == &things[i]);
	}
	for (i = 10; i < 3000; i++)
		CHECK(rhashtable_remove_fast(&table, &things[i].node, params) == 0);
	flush_work(&table.run_work);
	size = rht_dereference(table.tbl, &table)->size;
	pr_info("rhashtable_growth: small enough %d\n", size <= 64);
	rhashtable_destroy(&table);
	vfree(things);
	DONE();
	return 0;
}

static void __exit rhashtable_growth_exit(void)
{
}

module_init(rhashtable_growth_init);
module_exit(rhashtable_growth_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
