// SPDX-License-Identifier: GPL-2.0-only
/* Static keys whose last decrement waits. */
#include <linux/delay.h>
#include <linux/jump_label_ratelimit.h>
#include <linux/module.h>

#include "check.h"

static DEFINE_STATIC_KEY_DEFERRED_FALSE(late, HZ / 10);
static struct static_key_deferred limited;

static int __init static_keys_deferred_init(void)
{
	static_branch_deferred_inc(&late);
	CHECK(static_branch_unlikely(&late.key));
	static_branch_slow_dec_deferred(&late);
	pr_info("static_keys_deferred: still %d\n", static_key_enabled(&late.key));
	static_key_deferred_flush(&late);
	pr_info("static_keys_deferred: flushed %d\n", static_key_enabled(&late.key));

	jump_label_rate_limit(&limited, 2);
	static_key_slow_inc(&limited.key);
	static_key_slow_dec_deferred(&limited);
	CHECK(static_key_enabled(&limited.key));
	msleep(200);
	pr_info("static_keys_deferred: later %d\n", static_key_enabled(&limited.key));
	static_key_deferred_flush(&limited);
	DONE();
	return 0;
}

static void __exit static_keys_deferred_exit(void)
{
}

module_init(static_keys_deferred_init);
module_exit(static_keys_deferred_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
