// SPDX-License-Identifier: GPL-2.0-only
/* init leaves the CPU otherwise than it found it: with preemption or interrupts off. */
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/preempt.h>

static bool preempt;
module_param(preempt, bool, 0);
static bool interrupts;
module_param(interrupts, bool, 0);
static int result;
module_param(result, int, 0);

static int __init init_imbalance_init(void)
{
	if (preempt)
		preempt_disable();
	if (interrupts)
		local_irq_disable();
	return result;
}

static void __exit init_imbalance_exit(void)
{
}

module_init(init_imbalance_init);
module_exit(init_imbalance_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
