// SPDX-License-Identifier: GPL-2.0-only
/* pr_debug() sites in classes, and parameters of each kind that switch classes. */
#include <linux/module.h>

enum { RED, GREEN, BLUE, V0 = 10, V1, V2, V3, ONE = 20, TWO, THREE, LOW = 30, MID, HIGH };

DECLARE_DYNDBG_CLASSMAP(color_map, DD_CLASS_TYPE_DISJOINT_BITS, RED, "RED", "GREEN", "BLUE");
DECLARE_DYNDBG_CLASSMAP(level_map, DD_CLASS_TYPE_LEVEL_NUM, V0, "V0", "V1", "V2", "V3");
DECLARE_DYNDBG_CLASSMAP(name_map, DD_CLASS_TYPE_DISJOINT_NAMES, ONE, "ONE", "TWO", "THREE");
DECLARE_DYNDBG_CLASSMAP(step_map, DD_CLASS_TYPE_LEVEL_NAMES, LOW, "LOW", "MID", "HIGH");

static unsigned long color_bits, tag_bits, name_bits;
static unsigned int level, step;
static struct ddebug_class_param color_param = { { .bits = &color_bits }, "p", &color_map };
static struct ddebug_class_param tag_param = { { .bits = &tag_bits }, "mf", &color_map };
static struct ddebug_class_param level_param = { { .lvl = &level }, "p", &level_map };
static struct ddebug_class_param name_param = { { .bits = &name_bits }, "p", &name_map };
static struct ddebug_class_param step_param = { { .lvl = &step }, "p", &step_map };
module_param_cb(colors, &param_ops_dyndbg_classes, &color_param, 0600);
module_param_cb(tags, &param_ops_dyndbg_classes, &tag_param, 0600);
module_param_cb(level, &param_ops_dyndbg_classes, &level_param, 0600);
module_param_cb(names, &param_ops_dyndbg_classes, &name_param, 0600);
module_param_cb(step, &param_ops_dyndbg_classes, &step_param, 0600);

static void say(void)
{
	pr_debug("no class\n");
	__pr_debug_cls(RED, "red\n");
	__pr_debug_cls(GREEN, "green\n");
	__pr_debug_cls(BLUE, "blue\n");
	__pr_debug_cls(V0, "level 0\n");
	__pr_debug_cls(V1, "level 1\n");
	__pr_debug_cls(V2, "level 2\n");
	__pr_debug_cls(V3, "level 3\n");
	__pr_debug_cls(ONE, "one\n");
	__pr_debug_cls(TWO, "two\n");
	__pr_debug_cls(THREE, "three\n");
	__pr_debug_cls(LOW, "low\n");
	__pr_debug_cls(MID, "mid\n");
	__pr_debug_cls(HIGH, "high\n");
	__pr_debug_cls(50, "nobody's\n");
}

static int speak(const char *value, const struct kernel_param *param)
{
	say();
	pr_info("colors %lx tags %lx level %u names %lx step %u\n", color_bits, tag_bits, level,
		name_bits, step);
	return 0;
}
static const struct kernel_param_ops speak_ops = { .set = speak };
module_param_cb(speak, &speak_ops, NULL, 0200);

static int __init debug_classes_init(void)
{
	say();
	return 0;
}

static void __exit debug_classes_exit(void)
{
}

module_init(debug_classes_init);
module_exit(debug_classes_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
