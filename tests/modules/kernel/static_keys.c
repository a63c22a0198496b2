// SPDX-License-Identifier: GPL-2.0-only
/* Static keys: branches that are rewritten, counted, in init text and in core text. */
#include <linux/jump_label.h>
#include <linux/module.h>

#include "check.h"

static DEFINE_STATIC_KEY_FALSE(off_key);
static DEFINE_STATIC_KEY_TRUE(on_key);

static int switch_set(const char *text, const struct kernel_param *param)
{
	bool on;
	int error = kstrtobool(text, &on);

	if (error)
		return error;
	if (on)
		static_branch_enable(&off_key);
	else
		static_branch_disable(&off_key);
	return 0;
}

static noinline bool off_key_taken(void)
{
	if (static_branch_unlikely(&off_key))
		return true;
	return false;
}

static noinline bool on_key_taken(void)
{
	if (static_branch_likely(&on_key))
		return true;
	return false;
}

/* The other compiled form of each. */
static noinline bool off_key_likely(void)
{
	return static_branch_likely(&off_key);
}

static int switch_get(char *buffer, const struct kernel_param *param)
{
	return sprintf(buffer, "%d %d\n", off_key_taken(), off_key_likely());
}

static const struct kernel_param_ops switch_ops = {.set = switch_set, .get = switch_get};
module_param_cb(on, &switch_ops, NULL, 0644);

static int __init static_keys_init(void)
{
	pr_info("static_keys: at first %d %d, %d\n", off_key_taken(), off_key_likely(),
		on_key_taken());
	static_branch_enable(&off_key);
	CHECK(off_key_taken() && off_key_likely() && static_key_enabled(&off_key));
	if (static_branch_unlikely(&off_key))
		pr_info("static_keys: init text too\n");
	static_branch_enable(&off_key);
	CHECK(static_key_count(&off_key.key) == 1);
	static_branch_inc(&off_key);
	CHECK(static_key_count(&off_key.key) == 2);
	static_branch_dec(&off_key);
	CHECK(off_key_taken());
	static_branch_dec(&off_key);
	CHECK(!off_key_taken() && !off_key_likely() && !static_key_enabled(&off_key));
	static_branch_disable(&on_key);
	CHECK(!on_key_taken());
	static_branch_inc(&on_key);
	CHECK(on_key_taken() && static_key_count(&on_key.key) == 1);
	DONE();
	return 0;
}

static void __exit static_keys_exit(void)
{
	pr_info("static_keys: at last %d %d\n", off_key_taken(), on_key_taken());
}

module_init(static_keys_init);
module_exit(static_keys_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
