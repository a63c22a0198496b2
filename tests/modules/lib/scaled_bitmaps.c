// SPDX-License-Identifier: GPL-2.0-only
/* sbitmap: taking and giving back bits, and waiting for one. */
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sbitmap.h>

#include "check.h"

static struct sbitmap_queue queue;
static atomic_t wait_index = ATOMIC_INIT(0);

static bool add_bit(struct sbitmap *map, unsigned int bit, void *data)
{
	*(unsigned int *)data += bit;
	return true;
}

static int wait_for_bit(void *unused)
{
	struct sbq_wait_state *state = sbq_wait_ptr(&queue, &wait_index);
	unsigned int cpu;
	int bit;
	DEFINE_SBQ_WAIT(wait);

	while (true) {
		sbitmap_prepare_to_wait(&queue, state, &wait, TASK_UNINTERRUPTIBLE);
		bit = sbitmap_queue_get(&queue, &cpu);
		if (bit >= 0)
			break;
		schedule();
	}
	sbitmap_finish_wait(&queue, state, &wait);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return bit;
}

static void __init maps(void)
{
	struct sbitmap map;
	unsigned int i, sum = 0, taken[70] = {};
	int bit;

	CHECK(sbitmap_init_node(&map, 10, 7, GFP_KERNEL, NUMA_NO_NODE, false, true) == -EINVAL);
	CHECK(sbitmap_init_node(&map, 70, -1, GFP_KERNEL, NUMA_NO_NODE, false, true) == 0);
	pr_info("scaled_bitmaps: shift %u, words %u\n", map.shift, map.map_nr);
	CHECK(!sbitmap_any_bit_set(&map) && sbitmap_weight(&map) == 0);
	for (i = 0; i < 70; i++) {
		bit = sbitmap_get(&map);
		CHECK(bit >= 0 && bit < 70 && !taken[bit]++);
	}
	CHECK(sbitmap_get(&map) == -1 && sbitmap_weight(&map) == 70);
	sbitmap_put(&map, 33);
	CHECK(sbitmap_weight(&map) == 69 && sbitmap_get(&map) == 33);
	for (i = 0; i < 70; i++)
		if (i != 5 && i != 69)
			sbitmap_put(&map, i);
	sbitmap_for_each_set(&map, add_bit, &sum);
	pr_info("scaled_bitmaps: sum %u, any %d\n", sum, sbitmap_any_bit_set(&map));
	sbitmap_resize(&map, 20);
	pr_info("scaled_bitmaps: words %u, weight %u\n", map.map_nr, sbitmap_weight(&map));
	sbitmap_free(&map);
	CHECK(sbitmap_init_node(&map, 8, 2, GFP_KERNEL, NUMA_NO_NODE, true, true) == 0);
	preempt_disable();
	for (i = 0; i < 6; i++) {
		bit = sbitmap_get(&map);
		pr_info("scaled_bitmaps: in turn %d\n", bit);
		sbitmap_put(&map, bit);
	}
	preempt_enable();
	sbitmap_free(&map);
}

static int __init scaled_bitmaps_init(void)
{
	struct task_struct *waiter;
	unsigned int cpu;
	int i;

	maps();
	CHECK(sbitmap_queue_init_node(&queue, 4, -1, false, GFP_KERNEL, NUMA_NO_NODE) == 0);
	pr_info("scaled_bitmaps: batch %u\n", queue.wake_batch);
	for (i = 0; i < 4; i++)
		CHECK(sbitmap_queue_get(&queue, &cpu) >= 0);
	CHECK(sbitmap_queue_get(&queue, &cpu) == -1);
	waiter = kthread_run(wait_for_bit, NULL, "waiter");
	while (!atomic_read(&queue.ws_active) || waiter->__state != TASK_UNINTERRUPTIBLE)
		schedule_timeout_uninterruptible(1);
	sbitmap_queue_clear(&queue, 2, 0);
	while (atomic_read(&queue.ws_active))
		schedule_timeout_uninterruptible(1);
	pr_info("scaled_bitmaps: the waiter got %d\n", kthread_stop(waiter));
	sbitmap_queue_resize(&queue, 3);
	pr_info("scaled_bitmaps: batch %u\n", queue.wake_batch);
	sbitmap_queue_recalculate_wake_batch(&queue, 4);
	pr_info("scaled_bitmaps: batch %u\n", queue.wake_batch);
	sbitmap_queue_wake_all(&queue);
	sbitmap_queue_free(&queue);
	DONE();
	return 0;
}

static void __exit scaled_bitmaps_exit(void)
{
}

module_init(scaled_bitmaps_init);
module_exit(scaled_bitmaps_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
