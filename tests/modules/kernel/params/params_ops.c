// SPDX-License-Identifier: GPL-2.0-only
/* The exported setters and getters of every type, called as a driver's own setter would. */
#include <linux/module.h>
#include <linux/slab.h>

#include "check.h"

static const char *const texts[] = {
    "0",	     "7",		    "-1",		   "+1",       "0x10",  "0X1f",
    "010",	     "08",		    "0x",		   "0xg",      "127",   "128",
    "255",	     "256",		    "-128",		   "-129",     "32767", "32768",
    "65536",	     "-32769",		    "2147483648",	   "-2147483649", "4294967296",
    "9223372036854775808", "18446744073709551615", "18446744073709551616", "", "-", " 1", "1 ", "1\n",
    "1\n\n",	     "1,2",		    "--1",		   "+-1",
};

static unsigned long long value;
static char buffer[4096];

static void try_all(const char *name, const struct kernel_param_ops *ops)
{
	struct kernel_param param = {.name = name, .ops = ops, .arg = &value};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		int error, length;

		value = 0;
		error = ops->set(texts[i], &param);
		length = ops->get(buffer, &param);
		pr_info("params_ops: %s '%*pE' gives %d, %d bytes: %s", name, (int)strlen(texts[i]),
			texts[i], error, length, buffer);
	}
}

static void try_bools(const char *name, const struct kernel_param_ops *ops)
{
	static const char *const words[] = {NULL, "y",	"No",  "T",    "false", "on", "OFF",
					    "o",  "ox", "2",   "",     "0x1",	"1 ", "N\n"};
	struct kernel_param param = {.name = name, .ops = ops, .arg = &value};
	unsigned int i;

	pr_info("params_ops: %s flags %u\n", name, ops->flags);
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		int error;

		if (!words[i] && !(ops->flags & KERNEL_PARAM_OPS_FL_NOARG))
			continue;
		value = 0;
		error = ops->set(words[i], &param);
		ops->get(buffer, &param);
		pr_info("params_ops: %s '%s' gives %d: %s", name, words[i] ?: "(null)", error,
			buffer);
	}
}

static void try_range(void)
{
	struct kernel_param param = {.name = "range", .arg = &value};

	value = 5;
	pr_info("params_ops: minmax %d %d %d %d %d, %u\n",
		param_set_uint_minmax("3", &param, 2, 4), param_set_uint_minmax("1", &param, 2, 4),
		param_set_uint_minmax("x", &param, 2, 4), param_set_uint_minmax(NULL, &param, 2, 4),
		param_set_uint_minmax("4294967296", &param, 2, 4), (unsigned int)value);
}

static void try_enable_only(void)
{
	bool on = false;
	struct kernel_param param = {.name = "once", .ops = &param_ops_bool_enable_only, .arg = &on};

	pr_info("params_ops: enable only %d %d %d %d %d, %d\n", param_ops_bool_enable_only.set("0", &param),
		param_set_bool_enable_only("1", &param), param_set_bool_enable_only("y", &param),
		param_set_bool_enable_only("0", &param), param_set_bool_enable_only("?", &param), on);
}

static void try_strings(void)
{
	char *pointer = "first";
	struct kernel_param param = {.name = "pointer", .ops = &param_ops_charp, .arg = &pointer};
	char room[8] = "";
	struct kparam_string string = {.maxlen = sizeof(room), .string = room};
	struct kernel_param in_room = {.name = "room", .ops = &param_ops_string, .str = &string};
	char *longest = kzalloc(1026, GFP_KERNEL);

	memset(longest, 'a', 1025);
	pr_info("params_ops: charp %d %d\n", param_set_charp("second", &param),
		param_get_charp(buffer, &param));
	pr_info("params_ops: charp shows %s", buffer);
	pr_info("params_ops: charp of 1025 gives %d\n", param_set_charp(longest, &param));
	longest[1024] = 0;
	pr_info("params_ops: charp of 1024 gives %d\n", param_set_charp(longest, &param));
	pr_info("params_ops: it shows %d bytes\n", param_get_charp(buffer, &param));
	param_free_charp(&pointer);
	pr_info("params_ops: copystring %d %d %d\n", param_set_copystring("1234567", &in_room),
		param_set_copystring("12345678", &in_room), param_get_string(buffer, &in_room));
	pr_info("params_ops: string shows %s", buffer);
	kfree(longest);
}

static void try_arrays(void)
{
	static short items[3];
	unsigned int count = 0;
	struct kparam_array array = {.max = 3, .elemsize = sizeof(short), .num = &count,
				     .ops = &param_ops_short, .elem = items};
	struct kernel_param param = {.name = "items", .ops = &param_array_ops, .mod = THIS_MODULE,
				     .arr = &array, .level = -1};
	static const char *const lists[] = {"1", "1,2,3", "1,2,3,4", "-1,", ",", "", "5,x,6", "40000,1"};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		char text[16];
		int error;

		strcpy(text, lists[i]);
		error = param_array_ops.set(text, &param);
		buffer[0] = 0;
		param_array_ops.get(buffer, &param);
		pr_info("params_ops: array '%s' gives %d, count %u, left '%s': %s\n", lists[i], error, count,
			text, buffer);
	}
}

static int __init params_ops_init(void)
{
	try_all("byte", &param_ops_byte);
	try_all("short", &param_ops_short);
	try_all("ushort", &param_ops_ushort);
	try_all("int", &param_ops_int);
	try_all("uint", &param_ops_uint);
	try_all("long", &param_ops_long);
	try_all("ulong", &param_ops_ulong);
	try_all("ullong", &param_ops_ullong);
	try_all("hexint", &param_ops_hexint);
	try_bools("bool", &param_ops_bool);
	try_bools("invbool", &param_ops_invbool);
	try_bools("bint", &param_ops_bint);
	try_range();
	try_enable_only();
	try_strings();
	kernel_param_lock(THIS_MODULE);
	try_arrays();
	kernel_param_unlock(THIS_MODULE);
	DONE();
	return 0;
}

static void __exit params_ops_exit(void)
{
}

module_init(params_ops_init);
module_exit(params_ops_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
