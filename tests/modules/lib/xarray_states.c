// SPDX-License-Identifier: GPL-2.0-only
/* XArray: entries of several indices, marks, the advanced interface, cyclic allocation. */
#include <linux/module.h>
#include <linux/xarray.h>

#include "check.h"

static unsigned int updates;

static void count_update(struct xa_node *node)
{
	updates++;
}

static void __init ranges(void)
{
	DEFINE_XARRAY(array);
	unsigned long index;
	void *entry, *found[4];
	unsigned int count = 0;

	CHECK(!xa_err(xa_store_range(&array, 100, 299, xa_mk_value(7), GFP_KERNEL)));
	CHECK(!xa_load(&array, 99) && xa_load(&array, 100) == xa_mk_value(7) &&
	      xa_load(&array, 299) == xa_mk_value(7) && !xa_load(&array, 300));
	xa_for_each (&array, index, entry)
		pr_info("xarray_states: piece at %lu, order %d\n", index,
			xa_get_order(&array, index));
	xa_store_range(&array, 0, 63, xa_mk_value(1), GFP_KERNEL);
	CHECK(xa_load(&array, 63) == xa_mk_value(1) && !xa_load(&array, 64));
	xa_store_range(&array, 1 << 20, (1 << 20) + 4095, xa_mk_value(2), GFP_KERNEL);
	xa_for_each (&array, index, entry)
		count++;
	pr_info("xarray_states: %u pieces\n", count);
	index = 1 << 20;
	CHECK(xa_find(&array, &index, ULONG_MAX, XA_PRESENT) == xa_mk_value(2));
	pr_info("xarray_states: found at %lu\n", index);
	CHECK(xa_extract(&array, found, 0, ULONG_MAX, 4, XA_PRESENT) == 4 &&
	      found[0] == xa_mk_value(1) && found[1] == xa_mk_value(7));
	CHECK(!xa_err(xa_store_range(&array, 0, 1 << 22, NULL, GFP_KERNEL)) && xa_empty(&array));
	CHECK(xa_err(xa_store_range(&array, 5, 4, xa_mk_value(2), GFP_KERNEL)) == -EINVAL);
	xa_destroy(&array);
}

static void __init states(void)
{
	DEFINE_XARRAY(array);
	XA_STATE_ORDER(order, &array, 64, 3);
	XA_STATE(state, &array, 0);
	unsigned long i, sum = 0;
	void *entry;

	for (i = 0; i < 1000; i += 7)
		xa_store(&array, i, xa_mk_value(i), GFP_KERNEL);
	rcu_read_lock();
	xas_for_each(&state, entry, 500)
	{
		if (xas_retry(&state, entry))
			continue;
		sum += xa_to_value(entry);
		if (state.xa_index == 350)
			xas_pause(&state);
	}
	xas_set(&state, 497);
	CHECK(xas_load(&state) == xa_mk_value(497) && xas_reload(&state) == xa_mk_value(497));
	CHECK(!xas_next(&state) && state.xa_index == 498 && xas_prev(&state) == xa_mk_value(497));
	CHECK(state.xa_index == 497);
	for (i = 0; i < 7; i++)
		entry = xas_prev(&state);
	CHECK(entry == xa_mk_value(490) && state.xa_index == 490);
	rcu_read_unlock();
	pr_info("xarray_states: sum %lu\n", sum);

	/* What stands in the way of an entry of 8 indices, and the entry. */
	do {
		xas_lock(&order);
		xas_for_each_conflict(&order, entry)
		    pr_info("xarray_states: conflict %lu\n", xa_to_value(entry));
		xas_set_order(&order, 64, 3);
		xas_set_update(&order, count_update);
		xas_store(&order, xa_mk_value(64));
		if (!xas_error(&order))
			xas_set_mark(&order, XA_MARK_2);
		xas_unlock(&order);
	} while (xas_nomem(&order, GFP_KERNEL));
	CHECK(updates && xa_load(&array, 71) == xa_mk_value(64) && !xa_load(&array, 72));
	CHECK(xa_get_mark(&array, 64, XA_MARK_2) && xa_marked(&array, XA_MARK_2));
	i = 66;
	CHECK(xa_find_after(&array, &i, ULONG_MAX, XA_PRESENT) == xa_mk_value(77) && i == 77);
	pr_info("xarray_states: order %d\n", xa_get_order(&array, 64));

	/* One entry of 8 becomes four of 2. */
	xas_set_order(&order, 64, 1);
	xas_split_alloc(&order, xa_mk_value(64), 3, GFP_KERNEL);
	CHECK(!xas_error(&order));
	xas_lock(&order);
	xas_split(&order, xa_mk_value(64), 3);
	xas_unlock(&order);
	CHECK(xa_get_order(&array, 64) == 1 && xa_get_order(&array, 70) == 1);
	CHECK(xa_get_mark(&array, 70, XA_MARK_2) && !xa_get_mark(&array, 77, XA_MARK_2));
	xa_clear_mark(&array, 64, XA_MARK_2);
	CHECK(xa_marked(&array, XA_MARK_2) && !xa_get_mark(&array, 65, XA_MARK_2));

	/* Nodes for a range, so that stores need no memory. */
	xas_set_order(&order, 4096, 7);
	do {
		xas_lock(&order);
		xas_create_range(&order);
		xas_unlock(&order);
	} while (xas_nomem(&order, GFP_KERNEL));
	CHECK(!xas_error(&order));
	xa_destroy(&array);
	CHECK(xa_empty(&array) && !xa_marked(&array, XA_MARK_2));
}

static void __init identifiers(void)
{
	DEFINE_XARRAY_ALLOC1(array);
	u32 id = 0, next = 0;
	int i, result;

	for (i = 0; i < 3; i++)
		CHECK(xa_alloc(&array, &id, xa_mk_value(i), xa_limit_32b, GFP_KERNEL) == 0);
	pr_info("xarray_states: third id %u\n", id);
	xa_erase(&array, 2);
	CHECK(xa_alloc(&array, &id, &array, XA_LIMIT(1, 4), GFP_KERNEL) == 0 && id == 2);
	CHECK(xa_alloc(&array, &id, NULL, XA_LIMIT(1, 4), GFP_KERNEL) == 0 && id == 4);
	CHECK(!xa_load(&array, 4) && xa_insert(&array, 4, &array, GFP_KERNEL) == -EBUSY);
	CHECK(xa_alloc(&array, &id, &array, XA_LIMIT(1, 4), GFP_KERNEL) == -EBUSY);
	CHECK(xa_reserve(&array, 9, GFP_KERNEL) == 0 && !xa_load(&array, 9));
	xa_release(&array, 9);
	for (i = 0; i < 5; i++) {
		result = xa_alloc_cyclic(&array, &id, &array, XA_LIMIT(1, 6), &next, GFP_KERNEL);
		pr_info("xarray_states: cyclic %d, id %u, next %u\n", result, result < 0 ? 0 : id,
			next);
		if (result >= 0)
			xa_erase(&array, id);
	}
	xa_destroy(&array);
	CHECK(xa_empty(&array));
}

static int __init xarray_states_init(void)
{
	ranges();
	states();
	identifiers();
	DONE();
	return 0;
}

static void __exit xarray_states_exit(void)
{
}

module_init(xarray_states_init);
module_exit(xarray_states_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
