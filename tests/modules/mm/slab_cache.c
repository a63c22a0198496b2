// SPDX-License-Identifier: GPL-2.0-only
/* A cache of objects with a constructor: objects are distinct, aligned, constructed. */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "check.h"

struct thing {
	int constructed;
	char name[52];
};

static int constructed;

static void construct(void *object)
{
	struct thing *thing = object;

	thing->constructed = 0x600d;
	constructed++;
}

static int __init slab_cache_init(void)
{
	struct kmem_cache *cache = kmem_cache_create("ring3_things", sizeof(struct thing), 64,
						     SLAB_HWCACHE_ALIGN, construct);
	struct thing *things[32];
	int i, j;

	if (!cache)
		return -ENOMEM;
	pr_info("slab_cache: object size %u\n", kmem_cache_size(cache));
	for (i = 0; i < ARRAY_SIZE(things); i++) {
		things[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		CHECK(things[i] && things[i]->constructed == 0x600d);
		CHECK(IS_ALIGNED((unsigned long)things[i], 64));
		for (j = 0; j < i; j++)
			CHECK(things[j] != things[i]);
	}
	CHECK(constructed >= ARRAY_SIZE(things));
	for (i = 0; i < ARRAY_SIZE(things); i++)
		kmem_cache_free(cache, things[i]);
	kmem_cache_free_bulk(cache, 0, NULL);
	kmem_cache_shrink(cache);
	kmem_cache_destroy(cache);
	kmem_cache_destroy(NULL);
	cache = KMEM_CACHE(thing, SLAB_PANIC);
	CHECK(cache);
	things[0] = kmem_cache_zalloc(cache, GFP_KERNEL);
	CHECK(things[0] && !memchr_inv(things[0], 0, sizeof(struct thing)));
	kmem_cache_free(cache, things[0]);
	kmem_cache_destroy(cache);
	DONE();
	return 0;
}

static void __exit slab_cache_exit(void)
{
}

module_init(slab_cache_init);
module_exit(slab_cache_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
