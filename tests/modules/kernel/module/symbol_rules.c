// SPDX-License-Identifier: GPL-2.0-only
/* Which symbols __symbol_get() gives, and how references are counted in each state of a module. */
#include <linux/module.h>
#include <linux/slab.h>

#include "check.h"

void symbol_rules_open(void);
void symbol_rules_gpl(void);

void symbol_rules_open(void)
{
}
void symbol_rules_gpl(void)
{
}
EXPORT_SYMBOL(symbol_rules_open);
EXPORT_SYMBOL_GPL(symbol_rules_gpl);

static bool underflow;
module_param(underflow, bool, 0644);

static void tell(const char *when)
{
	bool got = try_module_get(THIS_MODULE);

	pr_info("symbol_rules: %s: refcount %d, got %d\n", when, module_refcount(THIS_MODULE) - got, got);
	if (got)
		module_put(THIS_MODULE);
}

static int now(const char *text, const struct kernel_param *kp)
{
	void *gpl = __symbol_get("symbol_rules_gpl");

	tell("live");
	pr_info("symbol_rules: own %d, open %d\n", gpl == symbol_rules_gpl,
		__symbol_get("symbol_rules_open") != NULL);
	if (gpl)
		symbol_put_addr(gpl);
	gpl = __symbol_get("symbol_rules_gpl");
	pr_info("symbol_rules: refcount %d\n", module_refcount(THIS_MODULE));
	if (gpl)
		__symbol_put("symbol_rules_gpl");
	pr_info("symbol_rules: refcount %d\n", module_refcount(THIS_MODULE));
	return 0;
}
static const struct kernel_param_ops now_ops = {.set = now};
module_param_cb(now, &now_ops, NULL, 0200);

static int __init symbol_rules_init(void)
{
	void *found;

	tell("coming");
	found = __symbol_get("queue_work_on");
	pr_info("symbol_rules: kernel's open %d\n", found != NULL);
	found = __symbol_get("synchronize_srcu");
	pr_info("symbol_rules: kernel's GPL %d\n", found == (void *)synchronize_srcu);
	if (found) {
		__symbol_put("synchronize_srcu");
		symbol_put_addr(found);
	}
	found = __symbol_get("nobody_exports_this");
	pr_info("symbol_rules: unknown %d\n", found != NULL);
	found = __symbol_get("symbol_rules_gpl");
	pr_info("symbol_rules: own while coming %d\n", found != NULL);
	if (found)
		__symbol_put("symbol_rules_gpl");
	__module_get(THIS_MODULE);
	pr_info("symbol_rules: refcount %d\n", module_refcount(THIS_MODULE));
	module_put(THIS_MODULE);
	pr_info("symbol_rules: refcount %d\n", module_refcount(THIS_MODULE));
	try_module_get(NULL);
	__module_get(NULL);
	module_put(NULL);
	return 0;
}

static void __exit symbol_rules_exit(void)
{
	tell("going");
	pr_info("symbol_rules: own while going %d\n", __symbol_get("symbol_rules_gpl") != NULL);
	if (underflow) {
		module_put(THIS_MODULE);
		pr_info("symbol_rules: refcount %d\n", module_refcount(THIS_MODULE));
	}
}

module_init(symbol_rules_init);
module_exit(symbol_rules_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
