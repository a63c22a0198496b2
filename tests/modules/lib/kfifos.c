// SPDX-License-Identifier: GPL-2.0-only
/* A byte queue that wraps around. */
#include <linux/kfifo.h>
#include <linux/module.h>
#include <linux/string.h>

#include "check.h"

static int __init kfifos_init(void)
{
	struct kfifo fifo;
	char text[32] = "";
	int i;

	CHECK(kfifo_alloc(&fifo, 10, GFP_KERNEL) == 0);
	pr_info("kfifos: size %u, free %u\n", kfifo_size(&fifo), kfifo_avail(&fifo));
	for (i = 0; i < 5; i++) {
		CHECK(kfifo_in(&fifo, "abcdefg", 7) == 7);
		CHECK(kfifo_out(&fifo, text, 7) == 7 && !memcmp(text, "abcdefg", 7));
	}
	pr_info("kfifos: put %u of 20, length %u\n", kfifo_in(&fifo, "12345678901234567890", 20),
		kfifo_len(&fifo));
	CHECK(kfifo_is_full(&fifo) && kfifo_out_peek(&fifo, text, 3) == 3 &&
	      kfifo_len(&fifo) == 16);
	kfifo_reset(&fifo);
	CHECK(kfifo_is_empty(&fifo) && kfifo_out(&fifo, text, 1) == 0);
	kfifo_free(&fifo);
	DONE();
	return 0;
}

static void __exit kfifos_exit(void)
{
}

module_init(kfifos_init);
module_exit(kfifos_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
