// SPDX-License-Identifier: GPL-2.0-only
/* sort, list_sort and bsearch. */
#include <linux/bsearch.h>
#include <linux/list.h>
#include <linux/list_sort.h>
#include <linux/module.h>
#include <linux/sort.h>

struct entry {
	int key, serial;
	struct list_head list;
};

static int by_value(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int by_key(void *unused, const struct list_head *a, const struct list_head *b)
{
	return list_entry(a, struct entry, list)->key - list_entry(b, struct entry, list)->key;
}

static int __init sorting_init(void)
{
	static int numbers[] = {5, -3, 9, 0, 5, 12, -7, 1};
	static struct entry entries[] = {{3, 1}, {1, 2}, {3, 3}, {2, 4}, {1, 5}};
	struct entry *entry;
	LIST_HEAD(head);
	int key = 9, missing = 8, i;
	int *found;

	sort(numbers, ARRAY_SIZE(numbers), sizeof(int), by_value, NULL);
	pr_info("sorting:");
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		pr_cont(" %d", numbers[i]);
	pr_cont("\n");
	found = bsearch(&key, numbers, ARRAY_SIZE(numbers), sizeof(int), by_value);
	pr_info("sorting: found at %ld, missing %d\n", found ? (long)(found - numbers) : -1,
		bsearch(&missing, numbers, ARRAY_SIZE(numbers), sizeof(int), by_value) == NULL);
	for (i = 0; i < ARRAY_SIZE(entries); i++)
		list_add_tail(&entries[i].list, &head);
	list_sort(NULL, &head, by_key);
	list_for_each_entry (entry, &head, list)
		pr_info("sorting: key %d serial %d\n", entry->key, entry->serial);
	return 0;
}

static void __exit sorting_exit(void)
{
}

module_init(sorting_init);
module_exit(sorting_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
