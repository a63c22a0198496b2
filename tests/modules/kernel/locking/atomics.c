// SPDX-License-Identifier: GPL-2.0-only
/* Atomic counters, bit operations, reference counts: values that they return. */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/kref.h>
#include <linux/module.h>
#include <linux/refcount.h>

#include "check.h"

static atomic_t small = ATOMIC_INIT(3);
static atomic64_t big = ATOMIC64_INIT(1ll << 40);
static unsigned long bits[2];

static void release(struct kref *kref)
{
	pr_info("atomics: released\n");
}

static int __init atomics_init(void)
{
	refcount_t count = REFCOUNT_INIT(1);
	struct kref kref;

	CHECK(atomic_add_return(4, &small) == 7 && atomic_fetch_sub(2, &small) == 7);
	CHECK(atomic_cmpxchg(&small, 5, 9) == 5 && atomic_xchg(&small, 1) == 9);
	CHECK(atomic_dec_and_test(&small) && !atomic_inc_not_zero(&small));
	CHECK(atomic64_inc_return(&big) == (1ll << 40) + 1);
	CHECK(!test_and_set_bit(70, bits) && test_and_set_bit(70, bits) && bits[1] == 1ul << 6);
	CHECK(test_and_clear_bit(70, bits) && !test_bit(70, bits));
	CHECK(ffs(0) == 0 && ffs(8) == 4 && fls(8) == 4 && __ffs(8) == 3 &&
	      fls64(1ull << 40) == 41);
	CHECK(hweight32(0xff00ff) == 16 && hweight64(~0ull) == 64);
	CHECK(refcount_dec_and_test(&count));
	CHECK(!refcount_inc_not_zero(&count));
	kref_init(&kref);
	kref_get(&kref);
	CHECK(kref_put(&kref, release) == 0);
	CHECK(kref_put(&kref, release) == 1);
	DONE();
	return 0;
}

static void __exit atomics_exit(void)
{
}

module_init(atomics_init);
module_exit(atomics_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
