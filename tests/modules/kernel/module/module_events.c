// SPDX-License-Identifier: GPL-2.0-only
/* Reports the states that other modules go through, from the module notifier. */
#include <linux/module.h>
#include <linux/notifier.h>

static const char *state_name(unsigned long state)
{
	switch (state) {
	case MODULE_STATE_LIVE:
		return "live";
	case MODULE_STATE_COMING:
		return "coming";
	case MODULE_STATE_GOING:
		return "going";
	default:
		return "?";
	}
}

static int on_event(struct notifier_block *block, unsigned long state, void *data)
{
	struct module *mod = data;

	pr_info("module_events: %s is %s\n", mod->name, state_name(state));
	return NOTIFY_DONE;
}

static struct notifier_block block = {.notifier_call = on_event};

static int __init module_events_init(void)
{
	return register_module_notifier(&block);
}

static void __exit module_events_exit(void)
{
	unregister_module_notifier(&block);
}

module_init(module_events_init);
module_exit(module_events_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
