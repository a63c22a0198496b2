// SPDX-License-Identifier: GPL-2.0-only
/* krealloc keeps contents as memory grows and shrinks. */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "check.h"

static int __init slab_krealloc_init(void)
{
	char *memory = krealloc(NULL, 10, GFP_KERNEL);
	char *bigger;

	CHECK(memory);
	strcpy(memory, "contents");
	bigger = krealloc(memory, 5000, GFP_KERNEL);
	CHECK(bigger && !strcmp(bigger, "contents"));
	memset(bigger, 'x', 5000);
	memory = krealloc(bigger, 3, GFP_KERNEL);
	CHECK(memory && memory[0] == 'x' && memory[2] == 'x');
	bigger = krealloc(memory, 100, GFP_KERNEL | __GFP_ZERO);
	CHECK(bigger && bigger[2] == 'x');
	CHECK(krealloc(bigger, 0, GFP_KERNEL) == ZERO_SIZE_PTR);
	bigger = krealloc_array(NULL, SIZE_MAX / 2, 3, GFP_KERNEL);
	CHECK(bigger == NULL);
	DONE();
	return 0;
}

static void __exit slab_krealloc_exit(void)
{
}

module_init(slab_krealloc_init);
module_exit(slab_krealloc_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
