// SPDX-License-Identifier: GPL-2.0-only
/* Queues: those of the kernel, limits that are out of range, draining chains, destroying what still
 * has items, work after a grace period and on another CPU. */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/workqueue.h>

#include "check.h"

static struct workqueue_struct *queue;
static int links, ran;
static bool read_side;

static void chain(struct work_struct *work)
{
	if (++links < 8)
		CHECK(queue_work(queue, work));
}

static void count(struct work_struct *work)
{
	ran++;
}

static void after_readers(struct work_struct *work)
{
	CHECK(!READ_ONCE(read_side));
	ran++;
}

static long on_cpu(void *argument)
{
	CHECK(current->flags & PF_WQ_WORKER);
	return smp_processor_id() * 100 + *(int *)argument;
}

static DECLARE_WORK(chain_work, chain);
static DECLARE_WORK(count_work, count);
static struct rcu_work rcu_work;

static int __init work_queues_init(void)
{
	struct workqueue_struct *const system[] = {
		system_wq, system_highpri_wq, system_long_wq, system_unbound_wq, system_freezable_wq,
		system_power_efficient_wq, system_freezable_power_efficient_wq,
	};
	int i, argument = 42;

	for (i = 0; i < ARRAY_SIZE(system); i++) {
		CHECK(queue_work(system[i], &count_work));
		flush_work(&count_work);
	}
	pr_info("work_queues: %d of %zu system queues\n", ran, ARRAY_SIZE(system));

	queue = alloc_workqueue("ring3_many", 0, 100000);
	CHECK(queue);
	destroy_workqueue(queue);
	queue = alloc_workqueue("ring3_negative", WQ_UNBOUND, -1);
	CHECK(queue);
	CHECK(queue_work(queue, &chain_work));
	drain_workqueue(queue);
	pr_info("work_queues: drained after %d links\n", links);
	links = 0;
	CHECK(queue_work(queue, &chain_work));
	destroy_workqueue(queue);
	CHECK(links == 8);

	queue = alloc_workqueue("ring3_rcu", WQ_MEM_RECLAIM | WQ_FREEZABLE | WQ_CPU_INTENSIVE, 0);
	ran = 0;
	INIT_RCU_WORK(&rcu_work, after_readers);
	rcu_read_lock();
	WRITE_ONCE(read_side, true);
	CHECK(queue_rcu_work(queue, &rcu_work) && !queue_rcu_work(queue, &rcu_work));
	WRITE_ONCE(read_side, false);
	rcu_read_unlock();
	flush_rcu_work(&rcu_work);
	CHECK(ran == 1 && !flush_rcu_work(&rcu_work));
	destroy_workqueue(queue);

	pr_info("work_queues: %ld\n", work_on_cpu(1, on_cpu, &argument));
	pr_info("work_queues: %ld\n", work_on_cpu_safe(0, on_cpu, &argument));
	DONE();
	return 0;
}

static void __exit work_queues_exit(void)
{
}

module_init(work_queues_init);
module_exit(work_queues_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
