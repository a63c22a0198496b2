// SPDX-License-Identifier: GPL-2.0-only
/* Parameters of every kind that a file may be: modes, dangerous ones, arrays of each type. */
#include <linux/module.h>

static int read_only = 1, write_only = 2, owner_only = 3, secret = 4, dangerous = 5, behind = 6;
static bool once;
static bool flags[3] = {true, false, true};
static unsigned char bytes[4] = {1, 2, 3, 4};
static unsigned int hexes[2] = {0x10, 0xff};
static unsigned long long large[2];
static long signs[3];
static int given;
static int without_show;

static int only_set(const char *text, const struct kernel_param *kp)
{
	return kstrtoint(text, 0, &without_show);
}
static int only_get(char *buffer, const struct kernel_param *kp)
{
	return without_show < 0 ? without_show : scnprintf(buffer, PAGE_SIZE, "no newline %d", without_show);
}
static const struct kernel_param_ops set_ops = {.set = only_set};
static const struct kernel_param_ops get_ops = {.get = only_get};

module_param(read_only, int, 0444);
module_param(write_only, int, 0200);
module_param(owner_only, int, 0600);
module_param(secret, int, 0);
module_param_unsafe(dangerous, int, 0644);
module_param_named_unsafe(danger, behind, int, 0444);
module_param(once, bool_enable_only, 0644);
module_param_array(flags, bool, NULL, 0644);
module_param_array(bytes, byte, &given, 0644);
module_param_array_named(hex, hexes, hexint, NULL, 0644);
module_param_array(large, ullong, NULL, 0444);
module_param_array(signs, long, NULL, 0644);
module_param_cb(sets, &set_ops, NULL, 0644);
module_param_cb(gets, &get_ops, NULL, 0644);

static int __init params_kinds_init(void)
{
	pr_info("params_kinds: %d %d %d %d %d %d once %d\n", read_only, write_only, owner_only, secret,
		dangerous, behind, once);
	pr_info("params_kinds: flags %d%d%d bytes %*ph given %d hex %x %x\n", flags[0], flags[1],
		flags[2], 4, bytes, given, hexes[0], hexes[1]);
	pr_info("params_kinds: large %llu %llu signs %ld %ld %ld asynchronous %d\n", large[0], large[1],
		signs[0], signs[1], signs[2], THIS_MODULE->async_probe_requested);
	return 0;
}

static void __exit params_kinds_exit(void)
{
}

module_init(params_kinds_init);
module_exit(params_kinds_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
