// SPDX-License-Identifier: GPL-2.0-only
/* Scatterlists: chained tables, copies, pages, mapped pieces, lists made of pages. */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "check.h"

static void __init tables(void)
{
	struct sg_table table;
	struct scatterlist *sg;
	char *buffer = kmalloc(400, GFP_KERNEL), back[64];
	int i, chains = 0;

	CHECK(sg_alloc_table(&table, 0, GFP_KERNEL) == -EINVAL);
	CHECK(sg_alloc_table(&table, 300, GFP_KERNEL) == 0);
	pr_info("scatterlists: %u entries, %u by hand\n", table.nents, sg_nents(table.sgl));
	for_each_sgtable_sg(&table, sg, i)
	{
		sg_set_buf(sg, buffer + i, 1);
		buffer[i] = 'a' + i % 26;
		if (!sg_is_last(sg) && sg_is_chain(sg + 1))
			chains++;
	}
	pr_info("scatterlists: %d chains\n", chains);
	CHECK(sg_last(table.sgl, 300) == sg_next(sg_next(table.sgl)) + 297 || chains);
	CHECK(sg_nents_for_len(table.sgl, 129) == 129 && sg_nents_for_len(table.sgl, 0) == 0 &&
	      sg_nents_for_len(table.sgl, 301) == -EINVAL);
	CHECK(sg_copy_to_buffer(table.sgl, 300, back, 30) == 30 && !memcmp(back, buffer, 30));
	CHECK(sg_pcopy_to_buffer(table.sgl, 300, back, 64, 290) == 10 &&
	      !memcmp(back, buffer + 290, 10));
	CHECK(sg_copy_from_buffer(table.sgl, 4, "wxyz!", 5) == 4 && !memcmp(buffer, "wxyze", 5));
	CHECK(sg_pcopy_from_buffer(table.sgl, 300, "01", 2, 127) == 2 && buffer[128] == '1');
	CHECK(sg_zero_buffer(table.sgl, 300, 3, 1) == 3 && buffer[0] == 'w' && !buffer[3] &&
	      buffer[4] == 'e');
	sg_free_table(&table);
	CHECK(!table.sgl);
	kfree(buffer);
}

static void __init pages(void)
{
	struct page *block = alloc_pages(GFP_KERNEL, 2), *list[5];
	struct page *other = alloc_page(GFP_KERNEL);
	struct sg_mapping_iter walk;
	struct sg_page_iter piter;
	struct sg_table table;
	struct scatterlist *sg;
	unsigned int i, count = 0;

	for (i = 0; i < 4; i++)
		list[i] = nth_page(block, i < 2 ? i : 5 - i); /* 0 1 3 2 */
	list[4] = other == block + 4 ? block : other;
	CHECK(sg_alloc_table_from_pages(&table, list, 4, 100, 15000, GFP_KERNEL) == 0);
	for_each_sgtable_sg(&table, sg, i)
	    pr_info("scatterlists: entry %u, offset %u, %u bytes\n", i, sg->offset, sg->length);
	for_each_sgtable_page(&table, &piter, 0) CHECK(sg_page_iter_page(&piter) == list[count++]);
	pr_info("scatterlists: %u pages\n", count);
	sg_miter_start(&walk, table.sgl, table.nents, SG_MITER_TO_SG);
	while (sg_miter_next(&walk)) {
		memset(walk.addr, 'p', walk.length);
		pr_info("scatterlists: mapped %zu\n", walk.length);
		if (walk.length == 4096)
			walk.consumed = 1000;
	}
	sg_miter_stop(&walk);
	sg_miter_start(&walk, table.sgl, table.nents, SG_MITER_ATOMIC | SG_MITER_FROM_SG);
	CHECK(sg_miter_skip(&walk, 5000) && sg_miter_next(&walk));
	pr_info("scatterlists: behind 5000: %zu, atomic %d\n", walk.length, in_atomic());
	sg_miter_stop(&walk);
	CHECK(!in_atomic());
	sg_free_table(&table);
	__free_page(other);
	__free_pages(block, 2);
}

static int __init scatterlists_init(void)
{
	struct scatterlist one, *list;
	char *text = kstrdup("1234567", GFP_KERNEL);

	sg_init_one(&one, text, 7);
	CHECK(sg_is_last(&one) && sg_nents(&one) == 1 && sg_next(&one) == NULL);
	CHECK(one.length == 7 && one.offset == offset_in_page(text) && sg_virt(&one) == text);
	kfree(text);
	tables();
	pages();
	list = sgl_alloc(10000, GFP_KERNEL, NULL);
	CHECK(list && sg_nents(list) == 3 && sg_last(list, 3)->length == 10000 - 8192);
	sgl_free(list);
	DONE();
	return 0;
}

static void __exit scatterlists_exit(void)
{
}

module_init(scatterlists_init);
module_exit(scatterlists_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
