// SPDX-License-Identifier: GPL-2.0-only
/* Read-copy-update: grace periods end, callbacks run, old copies go. */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/srcu.h>

#include "check.h"

struct item {
	int value;
	struct rcu_head head;
};

static struct item __rcu *shared;
static int freed;
DEFINE_STATIC_SRCU(srcu);

static void free_item(struct rcu_head *head)
{
	freed++;
	kfree(container_of(head, struct item, head));
}

static int __init grace_periods_init(void)
{
	struct item *old, *new = kzalloc(sizeof(*new), GFP_KERNEL);
	int index;

	if (!new)
		return -ENOMEM;
	new->value = 1;
	rcu_assign_pointer(shared, new);
	rcu_read_lock();
	CHECK(rcu_dereference(shared)->value == 1);
	rcu_read_unlock();
	new = kmemdup(new, sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	new->value = 2;
	old = rcu_replace_pointer(shared, new, true);
	call_rcu(&old->head, free_item);
	rcu_barrier();
	CHECK(freed == 1);
	synchronize_rcu();
	rcu_read_lock();
	CHECK(rcu_dereference(shared)->value == 2);
	rcu_read_unlock();
	index = srcu_read_lock(&srcu);
	srcu_read_unlock(&srcu, index);
	synchronize_srcu(&srcu);
	kfree_rcu(new, head);
	rcu_barrier();
	DONE();
	return 0;
}

static void __exit grace_periods_exit(void)
{
}

module_init(grace_periods_init);
module_exit(grace_periods_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
