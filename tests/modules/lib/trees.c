// SPDX-License-Identifier: GPL-2.0-only
/* Red-black trees: order, first and last, erasing, replacing. */
#include <linux/module.h>
#include <linux/rbtree.h>

#include "check.h"

struct node {
	int key;
	struct rb_node rb;
};

static struct node nodes[64];
static struct rb_root root = RB_ROOT;

static void insert(struct node *node)
{
	struct rb_node **link = &root.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = node->key < rb_entry(parent, struct node, rb)->key ? &parent->rb_left
									  : &parent->rb_right;
	}
	rb_link_node(&node->rb, parent, link);
	rb_insert_color(&node->rb, &root);
}

static int count_in_order(void)
{
	struct rb_node *rb;
	int last = -1, count = 0;

	for (rb = rb_first(&root); rb; rb = rb_next(rb)) {
		CHECK(rb_entry(rb, struct node, rb)->key > last);
		last = rb_entry(rb, struct node, rb)->key;
		count++;
	}
	return count;
}

static int __init trees_init(void)
{
	struct node *node, *next;
	struct node other = {.key = 11};
	int i, sum = 0;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		nodes[i].key = (i * 37) % 64;
		insert(&nodes[i]);
		CHECK(count_in_order() == i + 1);
	}
	CHECK(rb_entry(rb_first(&root), struct node, rb)->key == 0);
	CHECK(rb_entry(rb_last(&root), struct node, rb)->key == 63);
	for (i = 0; i < ARRAY_SIZE(nodes); i += 2)
		rb_erase(&nodes[i].rb, &root);
	CHECK(count_in_order() == 32);
	CHECK(rb_prev(rb_first(&root)) == NULL && rb_next(rb_last(&root)) == NULL);
	for (i = 1; nodes[i].key != 11; i += 2)
		;
	rb_replace_node(&nodes[i].rb, &other.rb, &root);
	CHECK(count_in_order() == 32);
	rbtree_postorder_for_each_entry_safe (node, next, &root, rb)
		sum += node->key;
	pr_info("trees: sum %d\n", sum);
	root = RB_ROOT;
	return 0;
}

static void __exit trees_exit(void)
{
}

module_init(trees_init);
module_exit(trees_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
