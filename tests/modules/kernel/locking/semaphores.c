// SPDX-License-Identifier: GPL-2.0-only
/* Semaphores and reader-writer semaphores: counts and refusals. */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>

#include "check.h"

static DECLARE_RWSEM(rwsem);
static struct semaphore semaphore;

static int __init semaphores_init(void)
{
	sema_init(&semaphore, 2);
	down(&semaphore);
	CHECK(down_interruptible(&semaphore) == 0);
	CHECK(down_trylock(&semaphore) == 1);
	CHECK(down_timeout(&semaphore, 1) == -ETIME);
	up(&semaphore);
	CHECK(down_trylock(&semaphore) == 0);
	up(&semaphore);
	up(&semaphore);
	down_read(&rwsem);
	CHECK(rwsem_is_locked(&rwsem) && down_read_trylock(&rwsem) == 1);
	CHECK(down_write_trylock(&rwsem) == 0);
	up_read(&rwsem);
	up_read(&rwsem);
	down_write(&rwsem);
	CHECK(down_read_trylock(&rwsem) == 0);
	downgrade_write(&rwsem);
	CHECK(down_read_trylock(&rwsem) == 1);
	up_read(&rwsem);
	up_read(&rwsem);
	CHECK(!rwsem_is_locked(&rwsem));
	DONE();
	return 0;
}

static void __exit semaphores_exit(void)
{
}

module_init(semaphores_init);
module_exit(semaphores_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
