// SPDX-License-Identifier: GPL-2.0-only
/* Asynchronous calls: cookies count up, and waiting is for all below one, in a domain or everywhere. */
#include <linux/async.h>
#include <linux/completion.h>
#include <linux/module.h>

#include "check.h"

static ASYNC_DOMAIN(domain);
static ASYNC_DOMAIN_EXCLUSIVE(exclusive);
static DECLARE_COMPLETION(go_on);
static atomic_t ran;

static void count(void *data, async_cookie_t cookie)
{
	CHECK(current_is_async() && cookie > 0 && data == &ran);
	atomic_inc(&ran);
}

static void holds(void *data, async_cookie_t cookie)
{
	wait_for_completion(&go_on);
	atomic_inc(&ran);
}

static int __init async_calls_init(void)
{
	async_cookie_t first, second, held;

	CHECK(!current_is_async());
	first = async_schedule(count, &ran);
	second = async_schedule(count, &ran);
	CHECK(second > first);
	async_synchronize_full();
	CHECK(atomic_read(&ran) == 2);
	async_synchronize_cookie(second + 1);

	/* What is held in a domain of its own keeps nobody else waiting. */
	held = async_schedule_domain(holds, NULL, &exclusive);
	CHECK(held > second);
	async_schedule_domain(count, &ran, &domain);
	async_schedule_domain(count, &ran, &domain);
	async_synchronize_full_domain(&domain);
	CHECK(atomic_read(&ran) == 4);
	async_synchronize_full();
	async_synchronize_cookie_domain(held, &exclusive);
	CHECK(atomic_read(&ran) == 4);
	complete(&go_on);
	async_synchronize_cookie_domain(held + 1, &exclusive);
	pr_info("async_calls: %d calls\n", atomic_read(&ran));
	DONE();
	return 0;
}

static void __exit async_calls_exit(void)
{
}

module_init(async_calls_init);
module_exit(async_calls_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
