// SPDX-License-Identifier: GPL-2.0-only
/*
 * A parameter whose setter is the module's own: it is called for each occurrence, in order, before
 * init, and its errno fails the load. Also a name with dashes and a parameter under another name.
 */
#include <linux/module.h>

static int calls;
static int inner = 1;
static int with_under_scores;

static int set_special(const char *text, const struct kernel_param *kp)
{
	int err = 0;

	calls++;
	pr_info("params_callback: set %s to '%s'\n", kp->name, text ? text : "(none)");
	if (text && kstrtoint(text, 10, &err) == 0)
		return err;
	return 0;
}

static int get_special(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "called %d times\n", calls);
}

static const struct kernel_param_ops special_ops = {.set = set_special, .get = get_special};
static const struct kernel_param_ops optional_ops = {
    .flags = KERNEL_PARAM_OPS_FL_NOARG,
    .set = set_special,
    .get = get_special,
};
module_param_cb(special, &special_ops, NULL, 0644);
module_param_cb(optional, &optional_ops, NULL, 0444);
module_param_named(outer, inner, int, 0644);
module_param(with_under_scores, int, 0644);

static int __init params_callback_init(void)
{
	pr_info("params_callback: calls %d outer %d with_under_scores %d\n", calls, inner,
		with_under_scores);
	return 0;
}

static void __exit params_callback_exit(void)
{
}

module_init(params_callback_init);
module_exit(params_callback_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
