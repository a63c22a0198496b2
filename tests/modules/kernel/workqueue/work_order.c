// SPDX-License-Identifier: GPL-2.0-only
/* Who runs beside whom: bound items one after the other unless one sleeps, unbound ones at once, up
 * to max_active; no item beside itself; the names of the workers. */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "check.h"

#define ITEMS 6

static struct item {
	struct work_struct work;
	int id;
} items[ITEMS];

static DECLARE_WAIT_QUEUE_HEAD(wait);
static atomic_t inside, most, runs;
static bool open;
static int sequence[ITEMS], entries;

static void bound(struct work_struct *work)
{
	struct item *item = container_of(work, struct item, work);

	CHECK(smp_processor_id() == 1 && current->nr_cpus_allowed == 1);
	CHECK(!strncmp(current->comm, "kworker/1:", 10));
	sequence[entries++] = item->id;
}

static void high(struct work_struct *work)
{
	CHECK(!strncmp(current->comm, "kworker/0:", 10));
	CHECK(current->comm[strlen(current->comm) - 1] == 'H');
}

static void unbound(struct work_struct *work)
{
	int now = atomic_inc_return(&inside);

	CHECK(!strncmp(current->comm, "kworker/u", 9));
	if (now > atomic_read(&most))
		atomic_set(&most, now);
	wake_up(&wait);
	wait_event(wait, open);
	atomic_dec(&inside);
	atomic_inc(&runs);
}

static void init_items(work_func_t function)
{
	int i;

	for (i = 0; i < ITEMS; i++) {
		INIT_WORK(&items[i].work, function);
		items[i].id = i;
	}
}

static void limit(int max_active, int raised)
{
	struct workqueue_struct *queue = alloc_workqueue("ring3_limit/%d", WQ_UNBOUND, max_active, 7);
	int i;

	if (!queue)
		return;
	init_items(unbound);
	open = false;
	atomic_set(&most, 0);
	atomic_set(&runs, 0);
	for (i = 0; i < ITEMS; i++)
		CHECK(queue_work(queue, &items[i].work));
	wait_event(wait, atomic_read(&inside) == max_active);
	CHECK(!work_pending(&items[0].work) && work_pending(&items[ITEMS - 1].work));
	if (raised) {
		workqueue_set_max_active(queue, raised);
		wait_event(wait, atomic_read(&inside) == raised);
	}
	/* Pending again while it runs: a second round, not a second one at the same time. */
	CHECK(queue_work(queue, &items[0].work) && !queue_work(queue, &items[0].work));
	open = true;
	wake_up_all(&wait);
	flush_workqueue(queue);
	pr_info("work_order: limit %d: at most %d at once, %d runs\n", max_active,
		atomic_read(&most), atomic_read(&runs));
	destroy_workqueue(queue);
}

static int __init work_order_init(void)
{
	struct workqueue_struct *queue = alloc_workqueue("ring3_bound", 0, 0);
	static DECLARE_WORK(high_work, high);
	int i;

	if (!queue)
		return -ENOMEM;
	init_items(bound);
	for (i = 0; i < ITEMS; i++)
		CHECK(queue_work_on(1, queue, &items[i].work));
	flush_workqueue(queue);
	for (i = 0; i < ITEMS; i++)
		CHECK(sequence[i] == i);
	pr_info("work_order: %d items in order\n", entries);
	destroy_workqueue(queue);

	CHECK(queue_work_on(0, system_highpri_wq, &high_work));
	flush_work(&high_work);
	limit(2, 0);
	limit(3, 4);
	DONE();
	return 0;
}

static void __exit work_order_exit(void)
{
}

module_init(work_order_init);
module_exit(work_order_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
