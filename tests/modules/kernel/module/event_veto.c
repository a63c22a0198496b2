// SPDX-License-Identifier: GPL-2.0-only
/* Refuses with `error` what any other module wants when its state becomes `state`. */
#include <linux/module.h>
#include <linux/notifier.h>

static int error;
module_param(error, int, 0644);
static ulong refused = MODULE_STATE_COMING;
module_param_named(state, refused, ulong, 0644);
static int priority;
module_param(priority, int, 0);

static int on_event(struct notifier_block *block, unsigned long state, void *data)
{
	struct module *mod = data;

	pr_info("event_veto: %s is in state %lu\n", mod->name, state);
	return mod != THIS_MODULE && state == refused ? notifier_from_errno(error) : NOTIFY_DONE;
}

static struct notifier_block block = {.notifier_call = on_event};

static int __init event_veto_init(void)
{
	block.priority = priority;
	return register_module_notifier(&block);
}

static void __exit event_veto_exit(void)
{
	unregister_module_notifier(&block);
}

module_init(event_veto_init);
module_exit(event_veto_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
