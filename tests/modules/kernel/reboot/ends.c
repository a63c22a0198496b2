// SPDX-License-Identifier: GPL-2.0-only
// The end of the machine, in each way that a module has: ends how=power_off ...
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/pm.h>
#include <linux/reboot.h>

static char *how = "";
module_param(how, charp, 0444);

static int told(struct notifier_block *block, unsigned long action, void *data)
{
	pr_info("ends: told %lu %s\n", action, data ? (char *)data : "(null)");
	return NOTIFY_DONE;
}

static struct notifier_block block = { .notifier_call = told };

static int __init ends_init(void)
{
	register_reboot_notifier(&block);
	pr_info("ends: %s, pm_power_off is %s\n", how, pm_power_off ? "set" : "null");
	if (!strcmp(how, "power_off"))
		kernel_power_off();
	if (!strcmp(how, "halt"))
		kernel_halt();
	if (!strcmp(how, "restart"))
		kernel_restart(NULL);
	if (!strcmp(how, "restart_command"))
		kernel_restart("now");
	if (!strcmp(how, "emergency"))
		emergency_restart();
	if (!strcmp(how, "pm_power_off"))
		pm_power_off();
	if (!strcmp(how, "panic"))
		panic("the end of %s", "ends");
	pr_info("ends: goes on\n");
	return 0;
}

static void __exit ends_exit(void)
{
	unregister_reboot_notifier(&block);
	pr_info("ends: gone\n");
}

module_init(ends_init);
module_exit(ends_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("test: ends the machine");
