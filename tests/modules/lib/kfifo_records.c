// SPDX-License-Identifier: GPL-2.0-only
/* kfifo: elements, records with lengths of one and two bytes, a buffer of one's own, DMA lists. */
#include <linux/dma-mapping.h>
#include <linux/kfifo.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/string.h>

#include "check.h"

static void __init elements(void)
{
	DECLARE_KFIFO(numbers, int, 8);
	static u8 buffer[40];
	struct kfifo own;
	int i, value;

	INIT_KFIFO(numbers);
	for (i = 0; i < 10; i++)
		if (!kfifo_put(&numbers, i))
			break;
	pr_info("kfifo_records: put %d numbers\n", i);
	CHECK(kfifo_get(&numbers, &value) && value == 0 && kfifo_peek(&numbers, &value) &&
	      value == 1);
	kfifo_skip(&numbers);
	CHECK(kfifo_len(&numbers) == 6 && kfifo_avail(&numbers) == 2);
	i = -1;
	CHECK(kfifo_in(&numbers, &i, 1) == 1);
	CHECK(kfifo_init(&own, buffer, sizeof(buffer)) == 0);
	pr_info("kfifo_records: own buffer of %u\n", kfifo_size(&own));
	CHECK(kfifo_init(&own, buffer, 1) == -EINVAL);
}

static void __init records(void)
{
	struct kfifo_rec_ptr_1 small;
	struct kfifo_rec_ptr_2 large;
	static char text[600];
	int i;

	CHECK(kfifo_alloc(&small, 64, GFP_KERNEL) == 0 &&
	      kfifo_alloc(&large, 1024, GFP_KERNEL) == 0);
	for (i = 0; i < 20; i++) {
		memset(text, 'a' + i, i + 1);
		if (!kfifo_in(&small, text, i + 1))
			break;
	}
	pr_info("kfifo_records: %d records, next of %u, room for %u\n", i, kfifo_peek_len(&small),
		kfifo_avail(&small));
	CHECK(kfifo_out(&small, text, 600) == 1 && text[0] == 'a');
	CHECK(kfifo_out(&small, text, 1) == 1 && text[0] == 'b'); /* the rest of it is gone */
	CHECK(kfifo_out_peek(&small, text, 600) == 3 && !memcmp(text, "ccc", 3));
	kfifo_skip(&small);
	CHECK(kfifo_peek_len(&small) == 4);
	for (i = 0; i < 9; i++) {
		memset(text, 'A' + i, 500);
		CHECK(kfifo_in(&large, text, 500) == 500);
		memset(text, 0, 600);
		CHECK(kfifo_peek_len(&large) == 500 && kfifo_out(&large, text, 600) == 500 &&
		      text[499] == 'A' + i && !text[500]);
	}
	CHECK(kfifo_in(&large, text, 600) == 600 && kfifo_in(&large, text, 600) == 0);
	kfifo_free(&small);
	kfifo_free(&large);
	CHECK(!kfifo_initialized(&large));
}

static void __init dma(void)
{
	struct scatterlist list[2];
	struct kfifo fifo;
	char text[16];
	unsigned int count;

	CHECK(kfifo_alloc(&fifo, 16, GFP_KERNEL) == 0);
	kfifo_in(&fifo, "0123456789ab", 12);
	CHECK(kfifo_out(&fifo, text, 10) == 10);
	sg_init_table(list, 2);
	count = kfifo_dma_in_prepare(&fifo, list, 2, 10);
	pr_info("kfifo_records: %u pieces, %u and %u bytes\n", count, list[0].length,
		list[1].length);
	memcpy(sg_virt(&list[0]), "cdef", 4);
	memcpy(sg_virt(&list[1]), "ghij", 4);
	kfifo_dma_in_finish(&fifo, 8);
	sg_init_table(list, 2);
	count = kfifo_dma_out_prepare(&fifo, list, 2, 10);
	pr_info("kfifo_records: %u pieces, %u and %u bytes\n", count, list[0].length,
		list[1].length);
	CHECK(kfifo_out(&fifo, text, 16) == 10 && !memcmp(text, "abcdefghij", 10));
	kfifo_free(&fifo);
}

static int __init kfifo_records_init(void)
{
	elements();
	records();
	dma();
	DONE();
	return 0;
}

static void __exit kfifo_records_exit(void)
{
}

module_init(kfifo_records_init);
module_exit(kfifo_records_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
