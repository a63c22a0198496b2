// SPDX-License-Identifier: GPL-2.0-only
/* Radix trees: tags, gangs, slots, the inlined iterator. */
#include <linux/module.h>
#include <linux/radix-tree.h>

#include "check.h"

static int __init radix_trees_init(void)
{
	static int numbers[300];
	RADIX_TREE(tree, GFP_ATOMIC);
	struct radix_tree_iter iter;
	void *found[8], **slots[8], **slot;
	unsigned int i, count = 0;

	CHECK(radix_tree_empty(&tree) && !radix_tree_lookup(&tree, 0));
	for (i = 0; i < 300; i++)
		CHECK(radix_tree_insert(&tree, i * 3, &numbers[i]) == 0);
	CHECK(radix_tree_insert(&tree, 30, &numbers[0]) == -EEXIST);
	CHECK(radix_tree_lookup(&tree, 897) == &numbers[299] && !radix_tree_lookup(&tree, 898));
	slot = radix_tree_lookup_slot(&tree, 33);
	CHECK(slot && *slot == &numbers[11] && !radix_tree_lookup_slot(&tree, 34));
	radix_tree_replace_slot(&tree, slot, &numbers[0]);
	CHECK(radix_tree_lookup(&tree, 33) == &numbers[0]);
	CHECK(radix_tree_gang_lookup(&tree, found, 100, 8) == 8 && found[0] == &numbers[34] &&
	      found[7] == &numbers[41]);

	CHECK(radix_tree_tag_set(&tree, 60, 1) == &numbers[20] && radix_tree_tagged(&tree, 1));
	radix_tree_tag_set(&tree, 600, 1);
	radix_tree_tag_set(&tree, 606, 1);
	CHECK(radix_tree_tag_get(&tree, 600, 1) && !radix_tree_tag_get(&tree, 603, 1));
	CHECK(radix_tree_gang_lookup_tag(&tree, found, 61, 8, 1) == 2 && found[0] == &numbers[200]);
	CHECK(radix_tree_gang_lookup_tag_slot(&tree, slots, 0, 8, 1) == 3 &&
	      *slots[2] == &numbers[202]);
	radix_tree_for_each_tagged(slot, &tree, &iter, 0, 1)
	    pr_info("radix_trees: tagged %lu\n", iter.index);
	radix_tree_tag_clear(&tree, 60, 1);
	CHECK(radix_tree_delete(&tree, 600) == &numbers[200] && radix_tree_tagged(&tree, 1));
	CHECK(radix_tree_delete(&tree, 606) && !radix_tree_tagged(&tree, 1));
	CHECK(!radix_tree_delete(&tree, 606));
	CHECK(!radix_tree_delete_item(&tree, 0, &numbers[1]) &&
	      radix_tree_delete_item(&tree, 0, &numbers[0]) == &numbers[0]);

	radix_tree_for_each_slot(slot, &tree, &iter, 890)
	    pr_info("radix_trees: slot %lu\n", iter.index);
	radix_tree_for_each_slot(slot, &tree, &iter, 0)
	{
		if (++count == 100)
			slot = radix_tree_iter_resume(slot, &iter);
	}
	pr_info("radix_trees: %u left\n", count);
	radix_tree_for_each_slot(slot, &tree, &iter, 0) radix_tree_iter_delete(&tree, &iter, slot);
	CHECK(radix_tree_empty(&tree));

	CHECK(radix_tree_preload(GFP_KERNEL) == 0);
	CHECK(radix_tree_insert(&tree, ULONG_MAX, &tree) == 0);
	radix_tree_preload_end();
	CHECK(radix_tree_maybe_preload(GFP_NOWAIT) == 0);
	radix_tree_preload_end();
	CHECK(radix_tree_delete(&tree, ULONG_MAX) == &tree && radix_tree_empty(&tree));
	DONE();
	return 0;
}

static void __exit radix_trees_exit(void)
{
}

module_init(radix_trees_init);
module_exit(radix_trees_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
