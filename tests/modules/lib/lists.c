// SPDX-License-Identifier: GPL-2.0-only
/* Linked lists and hash lists: the debug checks let correct use pass; order after splicing and
 * moving. */
#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/module.h>

#include "check.h"

struct item {
	int id;
	struct list_head list;
	struct hlist_node hash;
	struct llist_node lock_free;
};

static void show(const char *what, struct list_head *head)
{
	struct item *item;

	pr_info("lists: %s:", what);
	list_for_each_entry (item, head, list)
		pr_cont(" %d", item->id);
	pr_cont("\n");
}

static int __init lists_init(void)
{
	static struct item items[6];
	static DEFINE_HASHTABLE(table, 3);
	struct item *item, *next;
	LIST_HEAD(first);
	LIST_HEAD(second);
	LLIST_HEAD(stack);
	int i, found = 0;

	for (i = 0; i < 6; i++) {
		items[i].id = i;
		if (i % 2)
			list_add(&items[i].list, &first);
		else
			list_add_tail(&items[i].list, &second);
		hash_add(table, &items[i].hash, i);
		llist_add(&items[i].lock_free, &stack);
	}
	show("odd", &first);
	show("even", &second);
	list_move(&items[0].list, &first);
	list_splice_tail_init(&second, &first);
	CHECK(list_empty(&second));
	show("spliced", &first);
	list_for_each_entry_safe (item, next, &first, list)
		if (item->id > 3)
			list_del_init(&item->list);
	list_rotate_left(&first);
	show("rotated", &first);
	hash_for_each_possible (table, item, hash, 3)
		found += item->id == 3;
	hash_del(&items[3].hash);
	CHECK(found == 1 && !hash_hashed(&items[3].hash));
	llist_for_each_entry (item, llist_reverse_order(llist_del_all(&stack)), lock_free)
		pr_info("lists: pushed %d\n", item->id);
	return 0;
}

static void __exit lists_exit(void)
{
}

module_init(lists_init);
module_exit(lists_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
