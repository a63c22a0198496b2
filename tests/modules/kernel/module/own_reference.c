// SPDX-License-Identifier: GPL-2.0-only
/* Holds a reference to itself, so it cannot be removed until it lets go. */
#include <linux/module.h>

static bool hold;

static int set_hold(const char *text, const struct kernel_param *kp)
{
	bool before = hold;
	int err = param_set_bool(text, kp);

	if (err || hold == before)
		return err;
	if (hold)
		return try_module_get(THIS_MODULE) ? 0 : -ENODEV;
	module_put(THIS_MODULE);
	return 0;
}

static const struct kernel_param_ops hold_ops = {.set = set_hold, .get = param_get_bool};
module_param_cb(hold, &hold_ops, &hold, 0644);

static int __init own_reference_init(void)
{
	__module_get(THIS_MODULE);
	pr_info("own_reference: count %d\n", module_refcount(THIS_MODULE));
	module_put(THIS_MODULE);
	pr_info("own_reference: count %d\n", module_refcount(THIS_MODULE));
	__module_get(THIS_MODULE);
	return 0;
}

static void __exit own_reference_exit(void)
{
	pr_info("own_reference: exit\n");
}

module_init(own_reference_init);
module_exit(own_reference_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
