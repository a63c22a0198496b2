// SPDX-License-Identifier: GPL-2.0-only
/* IDR and IDA: bases, null pointers, walking, replacing, many numbers. */
#include <linux/err.h>
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/spinlock.h>

#include "check.h"

static int print_one(int id, void *pointer, void *data)
{
	pr_info("idrs: %d holds %d\n", id, *(int *)pointer);
	return ++*(int *)data == 3 ? 42 : 0;
}

static int __init idrs_init(void)
{
	static int numbers[] = {10, 11, 12, 13, 14};
	DEFINE_IDA(ida);
	DEFINE_SPINLOCK(lock);
	struct idr idr;
	int i, id, count = 0, *entry;
	unsigned long long_id;
	u32 wide;

	idr_init_base(&idr, 1);
	CHECK(idr_is_empty(&idr));
	for (i = 0; i < 5; i++)
		CHECK(idr_alloc(&idr, &numbers[i], 0, 0, GFP_KERNEL) == i + 1);
	CHECK(idr_for_each(&idr, print_one, &count) == 42 && count == 3);
	CHECK(*(int *)idr_find(&idr, 5) == 14 && !idr_find(&idr, 6) && !idr_find(&idr, 0));
	CHECK(idr_replace(&idr, &numbers[0], 5) == &numbers[4] && idr_find(&idr, 5) == &numbers[0]);
	CHECK(idr_replace(&idr, &numbers[0], 77) == ERR_PTR(-ENOENT));
	/* A number may be taken before there is a pointer for it. */
	CHECK(idr_alloc(&idr, NULL, 1000, 1001, GFP_KERNEL) == 1000 && !idr_find(&idr, 1000));
	CHECK(idr_alloc(&idr, NULL, 1000, 1001, GFP_KERNEL) == -ENOSPC);
	CHECK(idr_replace(&idr, &numbers[1], 1000) == NULL && idr_find(&idr, 1000) == &numbers[1]);
	CHECK(idr_remove(&idr, 2) == &numbers[1] && !idr_remove(&idr, 2));
	idr_for_each_entry(&idr, entry, id) pr_info("idrs: id %d\n", id);
	long_id = 6;
	CHECK(idr_get_next_ul(&idr, &long_id) == &numbers[1] && long_id == 1000);
	idr_set_cursor(&idr, 4);
	CHECK(idr_alloc_cyclic(&idr, &idr, 1, 7, GFP_KERNEL) == 6 &&
	      idr_alloc_cyclic(&idr, &idr, 1, 7, GFP_KERNEL) == 2 && idr_get_cursor(&idr) == 3);
	wide = 0xfffffff0;
	CHECK(idr_alloc_u32(&idr, &idr, &wide, UINT_MAX, GFP_KERNEL) == 0 && wide == 0xfffffff0);
	idr_preload(GFP_KERNEL);
	spin_lock(&lock);
	CHECK(idr_alloc(&idr, &idr, 5000, 0, GFP_NOWAIT) == 5000);
	spin_unlock(&lock);
	idr_preload_end();
	CHECK(idr_alloc(&idr, &idr, 5, 2, GFP_KERNEL) == -ENOSPC);
	idr_destroy(&idr);
	CHECK(idr_is_empty(&idr));

	for (i = 0; i < 3000; i++)
		if (ida_alloc(&ida, GFP_KERNEL) != i)
			CHECK(false);
	ida_free(&ida, 2047);
	ida_free(&ida, 70);
	CHECK(ida_alloc_min(&ida, 100, GFP_KERNEL) == 2047 && ida_alloc(&ida, GFP_KERNEL) == 70);
	CHECK(ida_alloc_max(&ida, 2999, GFP_KERNEL) == -ENOSPC);
	CHECK(ida_alloc_range(&ida, 1 << 20, 1 << 21, GFP_KERNEL) == 1 << 20);
	for (i = 0; i < 3000; i++)
		ida_free(&ida, i);
	CHECK(!ida_is_empty(&ida));
	ida_free(&ida, 1 << 20);
	CHECK(ida_is_empty(&ida));
	ida_destroy(&ida);
	DONE();
	return 0;
}

static void __exit idrs_exit(void)
{
}

module_init(idrs_init);
module_exit(idrs_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
