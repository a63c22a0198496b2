// SPDX-License-Identifier: GPL-2.0-only
/* More requests at once than the kernel performs at once. */
#include <linux/completion.h>
#include <linux/kmod.h>
#include <linux/kthread.h>
#include <linux/module.h>

#define TIMES 51

static atomic_t left = ATOMIC_INIT(TIMES);
static atomic_t found;
static DECLARE_COMPLETION(all_done);

static int ask(void *unused)
{
	if (request_module("slow_init") == 0)
		atomic_inc(&found);
	if (atomic_dec_and_test(&left))
		complete(&all_done);
	return 0;
}

static int __init many_requests_init(void)
{
	int i;

	for (i = 0; i < TIMES; i++)
		kthread_run(ask, NULL, "ask");
	wait_for_completion(&all_done);
	pr_info("many_requests: %d of %d found it\n", atomic_read(&found), TIMES);
	return 0;
}

static void __exit many_requests_exit(void)
{
}

module_init(many_requests_init);
module_exit(many_requests_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
