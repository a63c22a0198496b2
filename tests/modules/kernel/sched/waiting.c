// SPDX-License-Identifier: GPL-2.0-only
/* Wait queues and completions: wake-ups, time-outs, what they return. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "check.h"

static DECLARE_WAIT_QUEUE_HEAD(queue);
static DECLARE_COMPLETION(done);
static bool ready;

static int waker(void *data)
{
	msleep(20);
	ready = true;
	wake_up(&queue);
	msleep(20);
	complete(&done);
	return 0;
}

static int __init waiting_init(void)
{
	struct task_struct *task;

	CHECK(wait_event_timeout(queue, ready, 3) == 0);
	CHECK(wait_event_interruptible_timeout(queue, ready, 3) == 0);
	CHECK(wait_for_completion_timeout(&done, 3) == 0);
	CHECK(!try_wait_for_completion(&done) && !completion_done(&done));
	CHECK(!waitqueue_active(&queue));
	task = kthread_run(waker, NULL, "ring3_waker");
	if (IS_ERR(task))
		return PTR_ERR(task);
	wait_event(queue, ready);
	CHECK(ready);
	CHECK(wait_event_timeout(queue, ready, HZ) == HZ);
	CHECK(wait_event_interruptible(queue, ready) == 0);
	CHECK(wait_for_completion_timeout(&done, 10 * HZ) > 0);
	reinit_completion(&done);
	CHECK(!completion_done(&done));
	complete_all(&done);
	wait_for_completion(&done);
	CHECK(wait_for_completion_interruptible(&done) == 0);
	DONE();
	return 0;
}

static void __exit waiting_exit(void)
{
}

module_init(waiting_init);
module_exit(waiting_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
