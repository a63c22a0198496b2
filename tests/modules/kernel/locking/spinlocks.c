// SPDX-License-Identifier: GPL-2.0-only
/* Spinlocks: state, trylock, and what they do to preemption and interrupts. */
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>

#include "check.h"

static DEFINE_SPINLOCK(lock);
static DEFINE_RWLOCK(rwlock);

static int __init spinlocks_init(void)
{
	unsigned long flags;

	CHECK(!spin_is_locked(&lock) && !in_atomic() && !irqs_disabled());
	spin_lock(&lock);
	CHECK(spin_is_locked(&lock) && in_atomic() && preempt_count() == 1 && !irqs_disabled());
	CHECK(spin_trylock(&lock) == 0);
	spin_unlock(&lock);
	CHECK(!in_atomic());
	spin_lock_irq(&lock);
	CHECK(irqs_disabled() && in_atomic());
	spin_unlock_irq(&lock);
	CHECK(!irqs_disabled());
	spin_lock_irqsave(&lock, flags);
	CHECK(irqs_disabled());
	spin_unlock_irqrestore(&lock, flags);
	CHECK(!irqs_disabled());
	spin_lock_bh(&lock);
	CHECK(in_softirq() && !in_serving_softirq() && softirq_count() == SOFTIRQ_DISABLE_OFFSET);
	spin_unlock_bh(&lock);
	CHECK(!in_softirq());
	CHECK(spin_trylock(&lock) == 1);
	spin_unlock(&lock);
	read_lock(&rwlock);
	read_lock(&rwlock);
	CHECK(write_trylock(&rwlock) == 0 && preempt_count() == 2);
	read_unlock(&rwlock);
	read_unlock(&rwlock);
	write_lock(&rwlock);
	CHECK(read_trylock(&rwlock) == 0);
	write_unlock(&rwlock);
	preempt_disable();
	preempt_disable();
	CHECK(preempt_count() == 2);
	preempt_enable();
	preempt_enable();
	local_irq_save(flags);
	CHECK(irqs_disabled());
	local_irq_restore(flags);
	CHECK(preempt_count() == 0 && !irqs_disabled() && !in_interrupt() && in_task());
	DONE();
	return 0;
}

static void __exit spinlocks_exit(void)
{
}

module_init(spinlocks_init);
module_exit(spinlocks_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
