// SPDX-License-Identifier: GPL-2.0-only
/* Kernel threads with a list of works: order, pending once, delayed, flushed, cancelled, destroyed. */
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "check.h"

#define ITEMS 4

static struct kthread_worker *worker;
static DECLARE_COMPLETION(started);
static DECLARE_COMPLETION(go_on);
static int log[8], entries, rounds;

static struct item {
	struct kthread_work work;
	int id;
} items[ITEMS];

static void note(struct kthread_work *work)
{
	CHECK(current == worker->task && worker->current_work == work);
	CHECK(current->flags & PF_KTHREAD && list_empty(&work->node));
	log[entries++] = container_of(work, struct item, work)->id;
}

static void holds(struct kthread_work *work)
{
	complete(&started);
	wait_for_completion(&go_on);
}

static void again(struct kthread_work *work)
{
	if (++rounds < 3)
		CHECK(kthread_queue_work(worker, work) && !kthread_queue_work(worker, work));
}

static void forever(struct kthread_work *work)
{
	kthread_queue_work(worker, work);
	complete(&started);
	cond_resched();
}

static void later(struct kthread_work *work)
{
	rounds++;
	complete(&started);
}

static DEFINE_KTHREAD_WORK(holding, holds);
static DEFINE_KTHREAD_WORK(again_work, again);
static DEFINE_KTHREAD_WORK(forever_work, forever);
static DEFINE_KTHREAD_DELAYED_WORK(delayed, later);

static void on_cpu(struct kthread_work *work)
{
	CHECK(smp_processor_id() == 1);
	rounds++;
}

static int own_thread(void)
{
	static struct kthread_worker own;
	static DEFINE_KTHREAD_WORK(work, later);
	struct task_struct *task;

	rounds = 0;
	kthread_init_worker(&own);
	CHECK(kthread_queue_work(&own, &work));
	task = kthread_run(kthread_worker_fn, &own, "ring3_own");
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_flush_worker(&own);
	CHECK(rounds == 1 && own.task == task);
	CHECK(kthread_stop(task) == 0 && !own.task);
	return 0;
}

static void delays(void)
{
	unsigned long start = jiffies;

	rounds = 0;
	reinit_completion(&started);
	CHECK(kthread_queue_delayed_work(worker, &delayed, 4));
	CHECK(!kthread_queue_delayed_work(worker, &delayed, 4) && !list_empty(&delayed.work.node));
	wait_for_completion(&started);
	CHECK(time_after_eq(jiffies, start + 4));
	kthread_flush_worker(worker);
	CHECK(kthread_queue_delayed_work(worker, &delayed, 3600 * HZ));
	kthread_flush_worker(worker);
	CHECK(rounds == 1);
	CHECK(kthread_mod_delayed_work(worker, &delayed, 7200 * HZ));
	CHECK(kthread_cancel_delayed_work_sync(&delayed));
	CHECK(!kthread_cancel_delayed_work_sync(&delayed) && list_empty(&delayed.work.node));
	CHECK(!kthread_mod_delayed_work(worker, &delayed, 3600 * HZ));
	CHECK(kthread_mod_delayed_work(worker, &delayed, 0));
	kthread_flush_work(&delayed.work);
	CHECK(rounds == 2);
}

static int __init kthread_workers_init(void)
{
	int i;

	worker = kthread_create_worker(0, "ring3_kworker/%d", 5);
	if (IS_ERR(worker))
		return PTR_ERR(worker);
	pr_info("kthread_workers: %s\n", worker->task->comm);
	CHECK(kthread_queue_work(worker, &holding));
	wait_for_completion(&started);
	for (i = 0; i < ITEMS; i++) {
		kthread_init_work(&items[i].work, note);
		items[i].id = i;
		CHECK(kthread_queue_work(worker, &items[i].work));
		CHECK(!kthread_queue_work(worker, &items[i].work));
	}
	CHECK(kthread_cancel_work_sync(&items[2].work) && !kthread_cancel_work_sync(&items[2].work));
	complete(&go_on);
	kthread_flush_work(&items[1].work);
	CHECK(entries >= 2);
	kthread_flush_worker(worker);
	pr_info("kthread_workers: %d entries: %d %d %d\n", entries, log[0], log[1], log[2]);

	CHECK(kthread_queue_work(worker, &again_work));
	while (READ_ONCE(rounds) < 3)
		kthread_flush_worker(worker);
	reinit_completion(&started);
	CHECK(kthread_queue_work(worker, &forever_work));
	wait_for_completion(&started);
	kthread_cancel_work_sync(&forever_work);
	CHECK(list_empty(&forever_work.node));
	delays();
	kthread_destroy_worker(worker);

	rounds = 0;
	worker = kthread_create_worker_on_cpu(1, 0, "ring3_bound");
	if (IS_ERR(worker))
		return PTR_ERR(worker);
	kthread_init_work(&items[0].work, on_cpu);
	CHECK(kthread_queue_work(worker, &items[0].work));
	kthread_destroy_worker(worker);
	CHECK(rounds == 1);
	CHECK(own_thread() == 0);
	DONE();
	return 0;
}

static void __exit kthread_workers_exit(void)
{
}

module_init(kthread_workers_init);
module_exit(kthread_workers_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
