// SPDX-License-Identifier: GPL-2.0-only
/* XArray, IDR and IDA: storing, finding, marks, ranges, running out. */
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/xarray.h>

#include "check.h"

static int __init xarrays_init(void)
{
	DEFINE_XARRAY_ALLOC(array);
	DEFINE_IDR(idr);
	DEFINE_IDA(ida);
	unsigned long index;
	void *entry;
	u32 id;
	int i;

	CHECK(xa_empty(&array) && xa_load(&array, 5) == NULL);
	for (i = 0; i < 3000; i += 3)
		CHECK(xa_err(xa_store(&array, i, xa_mk_value(i + 1), GFP_KERNEL)) == 0);
	CHECK(xa_to_value(xa_load(&array, 2997)) == 2998 && !xa_load(&array, 2998));
	CHECK(xa_store(&array, 3, xa_mk_value(9), GFP_KERNEL) == xa_mk_value(4));
	xa_set_mark(&array, 300, XA_MARK_1);
	xa_set_mark(&array, 2700, XA_MARK_1);
	xa_for_each_marked (&array, index, entry, XA_MARK_1)
		pr_info("xarrays: marked %lu\n", index);
	CHECK(xa_erase(&array, 300) == xa_mk_value(301) && !xa_load(&array, 300));
	i = 0;
	xa_for_each (&array, index, entry)
		i++;
	CHECK(i == 999);
	CHECK(xa_alloc(&array, &id, xa_mk_value(1), XA_LIMIT(0, 10), GFP_KERNEL) == 0);
	pr_info("xarrays: first free %u\n", id);
	CHECK(xa_insert(&array, 6, xa_mk_value(1), GFP_KERNEL) == -EBUSY);
	CHECK(xa_cmpxchg(&array, 6, xa_mk_value(7), xa_mk_value(8), GFP_KERNEL) == xa_mk_value(7));
	xa_destroy(&array);
	CHECK(xa_empty(&array));
	for (i = 0; i < 5; i++)
		CHECK(idr_alloc(&idr, &idr, 10, 15, GFP_KERNEL) == 10 + i);
	CHECK(idr_alloc(&idr, &idr, 10, 15, GFP_KERNEL) == -ENOSPC);
	CHECK(idr_find(&idr, 12) == &idr && idr_remove(&idr, 12) == &idr && !idr_find(&idr, 12));
	CHECK(idr_alloc_cyclic(&idr, &idr, 10, 15, GFP_KERNEL) == 12);
	idr_destroy(&idr);
	CHECK(ida_alloc(&ida, GFP_KERNEL) == 0 && ida_alloc(&ida, GFP_KERNEL) == 1);
	ida_free(&ida, 0);
	CHECK(ida_alloc(&ida, GFP_KERNEL) == 0 && ida_alloc_range(&ida, 7, 7, GFP_KERNEL) == 7);
	CHECK(ida_alloc_range(&ida, 7, 7, GFP_KERNEL) == -ENOSPC);
	ida_destroy(&ida);
	DONE();
	return 0;
}

static void __exit xarrays_exit(void)
{
}

module_init(xarrays_init);
module_exit(xarrays_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
