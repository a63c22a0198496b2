// SPDX-License-Identifier: GPL-2.0-only
/* Resizable hash tables: inserting, finding, duplicates, growing, walking, lists of equals. */
#include <linux/module.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "check.h"

struct thing {
	u32 key;
	u32 value;
	char name[7];
	struct rhash_head node;
	struct rhlist_head list;
};

static const struct rhashtable_params by_key = {
    .key_len = sizeof(u32),
    .key_offset = offsetof(struct thing, key),
    .head_offset = offsetof(struct thing, node),
};
static const struct rhashtable_params by_name = {
    .nelem_hint = 3,
    .key_len = 7,
    .key_offset = offsetof(struct thing, name),
    .head_offset = offsetof(struct thing, node),
    .max_size = 4,
};
static const struct rhashtable_params many = {
    .key_len = sizeof(u32),
    .key_offset = offsetof(struct thing, value),
    .head_offset = offsetof(struct thing, list),
};

static unsigned int freed;

static void free_thing(void *thing, void *argument)
{
	freed++;
	*(int *)argument += ((struct thing *)thing)->value;
}

static unsigned int __init walk(struct rhashtable *table, u32 *sum)
{
	struct rhashtable_iter iter;
	struct thing *thing;
	unsigned int count = 0;

	*sum = 0;
	rhashtable_walk_enter(table, &iter);
	rhashtable_walk_start(&iter);
	while ((thing = rhashtable_walk_next(&iter))) {
		if (IS_ERR(thing))
			continue;
		*sum += thing->value;
		if (++count % 10 == 0) {
			rhashtable_walk_stop(&iter);
			rhashtable_walk_start(&iter);
			CHECK(rhashtable_walk_peek(&iter) == thing);
		}
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return count;
}

static int __init rhashtables_init(void)
{
	struct thing *things = kcalloc(48, sizeof(*things), GFP_KERNEL);
	struct rhashtable table;
	struct rhltable lists;
	struct rhlist_head *head, *at;
	struct rhashtable_params bad = {};
	int i, total = 0;
	u32 sum, key;

	CHECK(rhashtable_init(&table, &bad) == -EINVAL);
	CHECK(rhashtable_init(&table, &by_key) == 0);
	for (i = 0; i < 48; i++) {
		things[i] = (struct thing){.key = i * 1000, .value = i};
		snprintf(things[i].name, 7, "n%d", i % 9);
		CHECK(rhashtable_insert_fast(&table, &things[i].node, by_key) == 0);
	}
	CHECK(rhashtable_lookup_insert_fast(&table, &things[5].node, by_key) == -EEXIST);
	key = 7000;
	CHECK(rhashtable_lookup_fast(&table, &key, by_key) == &things[7]);
	CHECK(rhashtable_lookup_fast(&table, &key, table.p) == &things[7]);
	key = 7001;
	CHECK(!rhashtable_lookup_fast(&table, &key, by_key));
	i = walk(&table, &sum);
	pr_info("rhashtables: walked %d, sum %u\n", i, sum);
	CHECK(rhashtable_remove_fast(&table, &things[7].node, by_key) == 0 &&
	      rhashtable_remove_fast(&table, &things[7].node, by_key) == -ENOENT);
	rhashtable_free_and_destroy(&table, free_thing, &total);
	pr_info("rhashtables: freed %u, sum %d\n", freed, total);

	CHECK(rhashtable_init(&table, &by_name) == 0);
	for (i = 0; i < 9; i++)
		pr_info("rhashtables: small table takes %d: %d\n", i,
			rhashtable_lookup_insert_fast(&table, &things[i].node, by_name));
	CHECK(rhashtable_lookup_fast(&table, things[3].name, table.p) == &things[3] &&
	      !rhashtable_lookup_fast(&table, things[8].name, by_name));
	rhashtable_destroy(&table);

	CHECK(rhltable_init(&lists, &many) == 0);
	for (i = 0; i < 48; i++) {
		things[i].value = i % 5;
		CHECK(rhltable_insert(&lists, &things[i].list, many) == 0);
	}
	key = 3;
	total = 0;
	rcu_read_lock();
	head = rhltable_lookup(&lists, &key, many);
	rhl_for_each_rcu(at, head) total++;
	rcu_read_unlock();
	i = walk(&lists.ht, &sum);
	pr_info("rhashtables: %d equals of %d, sum %u, keys %d\n", total, i, sum,
		atomic_read(&lists.ht.nelems));
	CHECK(rhltable_remove(&lists, &things[3].list, many) == 0);
	freed = 0;
	rhltable_free_and_destroy(&lists, free_thing, &total);
	pr_info("rhashtables: freed %u\n", freed);
	kfree(things);
	DONE();
	return 0;
}

static void __exit rhashtables_exit(void)
{
}

module_init(rhashtables_init);
module_exit(rhashtables_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
